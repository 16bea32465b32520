#!/usr/bin/env bash
# Makes Debian packages of what ./build.sh has published: cyborg-common, cyborg-api, cyborg-conductor and cyborg-agent, in artifacts/debs (or the folder that
# is given). They bring the .NET runtime along, once for all of them, since Debian 12 has none that is new enough.
# The same programs give the same packages, byte for byte: times are SOURCE_DATE_EPOCH's, by default the last commit's.
set -euo pipefail
cd "$(dirname "$0")/.."

published=artifacts/bin
out=${1:-artifacts/debs}
compression=${DEB_COMPRESSION:-xz}
maintainer=${DEBEMAIL:-Cyborg contributors <cyborg@example.org>}
services=(cyborg-api cyborg-conductor cyborg-agent)
commands=(cyborg cyborg-dbsync cyborg-status)

for program in "${services[@]}" "${commands[@]}"; do
  [ -x "$published/$program" ] || { echo "$published/$program is missing: run ./build.sh first" >&2 && exit 1; }
done
version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
[ -n "${SOURCE_DATE_EPOCH:-}" ] || SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y Directory.Build.props)
export SOURCE_DATE_EPOCH TZ=UTC LC_ALL=C

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 022
mkdir -p "$out"

file() { # file MODE SOURCE TARGET: puts a file into the package that is being made
  install -D -m "$1" "$2" "$root/$3"
}

begin() { # begin PACKAGE
  package=$1 root=$work/$1
  mkdir -p "$root/DEBIAN"
  file 644 packaging/debian/copyright "usr/share/doc/$package/copyright"
  printf '%s (%s) stable; urgency=medium\n\n  * See the release notes of version %s.\n\n -- %s  %s\n' \
    "$package" "$version" "$version" "$maintainer" "$(date -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n >"$root/usr/share/doc/$package/changelog.gz"
}

finish() { # finish: control data, checksums, the package itself
  {
    printf 'Package: %s\nVersion: %s\nArchitecture: amd64\nMaintainer: %s\nSection: net\nPriority: optional\n' "$package" "$version" "$maintainer"
    printf 'Installed-Size: %s\n' "$(du -k -s --apparent-size --exclude=DEBIAN "$root" | cut -f 1)"
    # shellcheck disable=SC2016
    sed 's/${version}/'"$version"'/g' "packaging/debian/$package.control"
  } >"$root/DEBIAN/control"
  (cd "$root" && find etc -type f 2>/dev/null | sort | sed 's:^:/:') >"$root/DEBIAN/conffiles" || true
  [ -s "$root/DEBIAN/conffiles" ] || rm "$root/DEBIAN/conffiles"
  (cd "$root" && find . -path ./DEBIAN -prune -o -path ./etc -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
  find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  dpkg-deb --root-owner-group "-Z$compression" --build "$root" "$out/${package}_${version}_amd64.deb" >/dev/null
  echo "$out/${package}_${version}_amd64.deb"
}

script() { # script KIND SOURCE: a maintainer script, for this package
  sed "s/@service@/$package/g" "$2" >"$root/DEBIAN/$1"
  chmod 755 "$root/DEBIAN/$1"
}

link() { # link PROGRAM: found in PATH; where the runtime is, a program learns from where it really lies
  mkdir -p "$root/usr/bin"
  ln -s "../lib/cyborg/$1" "$root/usr/bin/$1"
}

own() { # own FILE: the service whose package has this file of the published folder; common has the rest
  case $1 in
    *.xml | cyborg-standalone | cyborg-standalone.* | Cyborg.Standalone.*) echo none ;;
    cyborg-api | cyborg-api.*) echo cyborg-api ;;
    cyborg-conductor | cyborg-conductor.*) echo cyborg-conductor ;;
    cyborg-agent | cyborg-agent.*) echo cyborg-agent ;;
    *) echo cyborg-common ;;
  esac
}

programs() { # programs: what this package has of the published folder
  local path name mode
  while IFS= read -r path; do
    name=$(basename "$path")
    [ "$(own "$name")" = "$package" ] || continue
    case $name in
      *.*) mode=644 ;;
      *) mode=755 ;;
    esac
    file "$mode" "$path" "usr/lib/cyborg/$name"
  done < <(find "$published" -maxdepth 1 -type f | sort)
}

begin cyborg-common
programs
for program in "${commands[@]}"; do link "$program"; done
file 644 packaging/etc/cyborg.conf etc/cyborg/cyborg.conf
[ ! -f etc/cyborg/cyborg.conf.sample ] || file 644 etc/cyborg/cyborg.conf.sample usr/share/doc/cyborg-common/cyborg.conf.sample
for page in doc/*.md; do file 644 "$page" "usr/share/doc/cyborg-common/$(basename "$page")"; done
(cd etc/nats && find . -type f -printf '%P\n') | while IFS= read -r path; do
  file 644 "etc/nats/$path" "usr/share/doc/cyborg-common/examples/nats/$path"
done
file 644 packaging/debian/cyborg-common.lintian-overrides usr/share/lintian/overrides/cyborg-common
mkdir -p "$root/var/lib/cyborg" "$root/var/log/cyborg"
for kind in preinst postinst postrm; do script "$kind" "packaging/debian/cyborg-common.$kind"; done
finish

for service in "${services[@]}"; do
  begin "$service"
  programs
  link "$service"
  file 644 "packaging/etc/$service.conf" "etc/cyborg/$service.conf"
  file 644 "etc/systemd/$service.service" "lib/systemd/system/$service.service"
  for kind in postinst prerm postrm; do script "$kind" "packaging/debian/service.$kind"; done
  finish
done
