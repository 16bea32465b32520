#!/usr/bin/env bash
# Types doc/install.md: its commands, as they stand there, run in a Debian of their own (debootstrap, and namespaces of their own for mounts, processes, the
# network and the host name), with the .debs of this build and the lab's Keystone and Placement. At the end three services run and a request is bound.
# What is not as on a real host: there is no systemd, so tests/deploy/units/systemctl starts what the units say.
set -uo pipefail
# shellcheck source=tests/deploy/common.sh
source "$(dirname "$0")/../common.sh"
here=$root/tests/deploy/install
host_name=controller
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
minutes=24

missing() {
  [ -n "${CYBORG_LAB:-}" ] || { echo "needs a lab: set CYBORG_LAB" && return; }
  [ "$(id -u)" = 0 ] || { echo "needs root, for a chroot" && return; }
  [ -x "${CYBORG_BIN:-$root/artifacts/bin}/cyborg-api" ] || { echo "run ./build.sh first" && return; }
  need /usr/sbin/debootstrap debootstrap || return
  unshare --mount --pid --net --uts --fork true 2>/dev/null || echo "the kernel gives no namespaces"
}
why=$(missing)
if [ -n "$why" ]; then
  skip "installation" "$why"
  summary
  exit
fi

work=$(mktemp -d)
debian=$work/debian
forwarder=
tidy() {
  [ -z "$forwarder" ] || kill "$forwarder" 2>/dev/null
  restore_cyborg
  placement forget "$host_name"
  rm -rf --one-file-system "$work"
}

packages() { # the same programs twice give the same bytes
  DEB_COMPRESSION=gzip "$root/packaging/build-debs.sh" "$work/debs"
  DEB_COMPRESSION=gzip "$root/packaging/build-debs.sh" "$work/again"
  (cd "$work/debs" && sha256sum ./*.deb) >"$work/sums"
  (cd "$work/again" && sha256sum -c "$work/sums")
  rm -r "$work/again"
}

bootstrap() {
  debootstrap --variant=minbase --include=ca-certificates bookworm "$debian" "$mirror"
  # It is thrown away: nothing has to be on a disk for good.
  echo force-unsafe-io >"$debian/etc/dpkg/dpkg.cfg.d/unsafe"
  printf 'Acquire::Languages "none";\nAPT::Install-Recommends "false";\n' >"$debian/etc/apt/apt.conf.d/90tests"
}

prepare() { # what the page takes for granted, and nothing of what it says
  local lab_host=${OS_AUTH_URL#*://}
  cp "$work"/debs/*.deb "$debian/root/"
  "$CYBORG_LAB" env admin | grep '^export OS_' >"$debian/root/admin-openrc"
  printf '127.0.0.1 localhost %s\n127.0.0.2 %s\n' "$host_name" "$mirror_host" >"$debian/etc/hosts"
  rm -f "$debian/etc/resolv.conf" && touch "$debian/etc/resolv.conf"
  install -D -m 755 "$root/tests/deploy/units/systemctl" "$debian/usr/local/bin/systemctl"
  install -D -m 644 "$here/forward.py" "$work/outside/forward.py"
  install -m 755 "$here/inside.sh" "$debian/root/inside.sh"
  install -m 644 "$root/tests/deploy/placement.py" "$debian/root/placement.py"
  /usr/bin/python3 "$here/blocks.py" "$root/doc/install.md" 11 >"$debian/root/install.sh"
  forget_cyborg
  placement make "$host_name"
  echo "Keystone is at $lab_host"
}

ways() { # ADDRESS:PORT=HOST:PORT of what the inside needs of the outside: Keystone and Placement as the catalog names them, and packages
  local url
  for url in "$OS_AUTH_URL" "$(openstack endpoint list --service placement --interface public -f value -c URL)"; do
    url=${url#*://}
    echo "${url%%/*}=${url%%/*}"
  done
  echo "127.0.0.2:$mirror_port=$mirror_host:$mirror_port"
}

install_it() {
  # shellcheck disable=SC2046  # each is a word
  timeout --kill-after=20 $((minutes * 60)) unshare --mount --pid --net --uts --ipc --fork --kill-child --propagation private \
    "$here/namespace.sh" "$debian" "$work/outside" "$host_name" $(ways)
}

if ! "$CYBORG_LAB" up keystone placement >/dev/null; then
  try "the lab" false
  summary
  exit
fi
lab_environment admin
openstack() { /usr/bin/openstack "$@"; }
trap tidy EXIT
mirror_host=${mirror#*://} mirror_host=${mirror_host%%/*}
mirror_port=80
[[ $mirror_host != *:* ]] || mirror_port=${mirror_host##*:}
mirror_host=${mirror_host%%:*}
mkdir -p "$work/outside"

say "installation"
try "packages are made, the same each time" packages
try "a Debian" bootstrap
try "what the page takes for granted" prepare
# shellcheck disable=SC2046  # each is a word
/usr/bin/python3 "$here/forward.py" out "$work/outside" $(ways) >"$work/forward.log" 2>&1 &
forwarder=$!
try "a way out for what is inside" until_true 120 grep -q ready "$work/forward.log"
try "doc/install.md, from an empty Debian to a bound request, and away again" install_it
summary
