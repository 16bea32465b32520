#!/usr/bin/env bash
# Runs as the first process of its namespaces: mounts, the loopback, the way out; then inside.sh in the Debian.
# namespace.sh DEBIAN SOCKETS HOSTNAME WAY...
set -euo pipefail
debian=$1 sockets=$2
hostname "$3"
shift 3

ip link set lo up
mount --bind "$debian" "$debian"
cd "$debian"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=755 tmpfs dev
for node in null zero full random urandom tty; do
  touch "dev/$node"
  mount --bind "/dev/$node" "dev/$node"
done
mkdir dev/shm dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr

/usr/bin/python3 "$sockets/forward.py" in "$sockets" "$@" >"$sockets/log" 2>&1 &
until grep -q ready "$sockets/log"; do sleep 0.1; done

exec env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin chroot . /root/inside.sh
