#!/bin/bash
# In the Debian: types the page, looks at what runs, and takes the packages away again.
set -euo pipefail
cd /root

trouble() {
  echo "--- what the services have said last"
  tail -n 25 /run/units/*.log 2>/dev/null || true
}
trap trouble ERR

bash install.sh
# apt gives maintainer scripts a path of its own.
[ -e /usr/bin/systemctl ] || ln -s /usr/local/bin/systemctl /usr/bin/systemctl

fact() { python3 -c 'import json, sys; print(json.load(open(f"/run/units/{sys.argv[1]}.service.json"))[sys.argv[2]])' "$@"; }
process() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$(fact "$1" pid)/status"; }

echo "--- what runs"
user=$(id -u cyborg)
for service in cyborg-api cyborg-conductor cyborg-agent; do
  [ "$(systemctl is-active "$service")" = active ]
  [ "$(fact "$service" status)" = runs ]
  [ "$(fact "$service" watchdog)" -ge 1 ]
  [ "$(process "$service" NoNewPrivs)" = 1 ]
  [ "$(process "$service" Uid | cut -f 2)" = "$user" ]
  rights=$(process "$service" CapEff) bounds=$(process "$service" CapBnd)
  echo "$service: user $user, capabilities $rights of $bounds"
  # CAP_DAC_OVERRIDE is bit 1.
  [ "$service" != cyborg-agent ] || [ "$rights $bounds" = "0000000000000002 0000000000000002" ]
  [ "$service" = cyborg-agent ] || [ "$rights $bounds" = "0000000000000000 0000000000000000" ]
done
for file in /etc/cyborg/cyborg.conf /etc/cyborg/cyborg-api.conf /etc/cyborg/cyborg-conductor.conf /etc/cyborg/cyborg-agent.conf; do
  [ "$(stat -c '%U:%G %a' "$file")" = "root:cyborg 640" ]
done
! grep -h 'refuses what this user may not do' /run/units/cyborg-*.log || false
[ -z "$(dpkg --verify cyborg-common cyborg-api cyborg-conductor cyborg-agent | grep -v ' c /etc/cyborg/' || true)" ]
cyborg --help | head -n 3
echo "--- what Placement shows"
# shellcheck disable=SC1091  # the page asks for it
(. admin-openrc && python3 placement.py "$(openstack endpoint list --service placement --interface public -f value -c URL)" \
  "$(openstack token issue -f value -c id)" show "$(hostname)") | tee /dev/stderr | grep -q 'FPGA=[1-9]'
cyborg-status --config-file /etc/cyborg/cyborg.conf --config-file /etc/cyborg/cyborg-conductor.conf drift

echo "--- an upgrade keeps the configuration and starts what ran again"
mkdir -p /run/systemd/system
before=$(fact cyborg-api pid)
sum=$(sha256sum /etc/cyborg/cyborg-api.conf)
dpkg -i --force-confold cyborg-*_amd64.deb
[ "$sum" = "$(sha256sum /etc/cyborg/cyborg-api.conf)" ]
[ "$(systemctl is-active cyborg-api)" = active ]
[ "$before" != "$(fact cyborg-api pid)" ]

echo "--- a removal stops the services, and leaves the configuration"
apt-get remove -y cyborg-api cyborg-conductor cyborg-agent
for service in cyborg-api cyborg-conductor cyborg-agent; do
  [ "$(fact "$service" pid)" = 0 ]
  [ "$(fact "$service" state)" = inactive ]
  [ -e "/etc/cyborg/$service.conf" ]
done

echo "--- a purge leaves nothing"
apt-get purge -y cyborg-common cyborg-api cyborg-conductor cyborg-agent
for path in /etc/cyborg /var/lib/cyborg /var/log/cyborg /usr/lib/cyborg /usr/bin/cyborg-api /lib/systemd/system/cyborg-api.service \
  /etc/systemd/system/multi-user.target.wants/cyborg-api.service; do
  if [ -e "$path" ] || [ -L "$path" ]; then echo "$path is left" && false; fi
done
grep -q cyborgclient /usr/bin/cyborg || { echo "the client's command has not come back" && false; }
! id cyborg 2>/dev/null || { echo "the user is left" && false; }
echo "--- done after $SECONDS s"
