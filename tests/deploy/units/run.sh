#!/usr/bin/env bash
# The units are right, and the real programs keep what their units promise: READY=1 when they serve, WATCHDOG=1 while they live, STOPPING=1 at the end.
set -uo pipefail
# shellcheck source=tests/deploy/common.sh
source "$(dirname "$0")/../common.sh"

bin=${CYBORG_BIN:-$root/artifacts/bin}
work=$(mktemp -d)
export UNIT_PATH=$root/etc/systemd UNIT_RUN=$work/run UNIT_PLAIN=1 UNIT_REPLACE="/usr/bin/=$bin/,/etc/cyborg=$work/etc" UNIT_WATCHDOG=10
systemctl=$root/tests/deploy/units/systemctl
nats=

tidy() {
  local name
  for name in cyborg-agent cyborg-api cyborg-conductor; do "$systemctl" stop "$name" >/dev/null 2>&1; done
  [ -z "$nats" ] || kill "$nats" 2>/dev/null
  rm -rf "$work"
}
trap tidy EXIT

verify() { # the programs have to be where the units say, so a copy names those that are
  mkdir -p "$work/verify"
  local unit
  for unit in "$root"/etc/systemd/*.service; do
    sed "s:^ExecStart=/usr/bin/:ExecStart=$bin/:; /^Documentation=/d" "$unit" >"$work/verify/$(basename "$unit")"
  done
  systemd-analyze verify --man=no "$work"/verify/*.service 2>&1 | tee "$work/verify.log"
  ! grep -E 'cyborg|Unknown|ailed' "$work/verify.log"
}

exposure() { # exposure UNIT POINTS: systemd's own measure, 0 is best and 100 (10.0) is a service without any protection
  systemd-analyze security --offline=yes --threshold="$2" "$root/etc/systemd/$1.service"
}

configure() {
  local port nats_port
  nats_port=$(free_port) port=$(free_port)
  mkdir -p "$work/etc"
  /usr/sbin/nats-server -a 127.0.0.1 -p "$nats_port" >"$work/nats.log" 2>&1 &
  nats=$!
  cat >"$work/etc/cyborg.conf" <<CONF
[DEFAULT]
transport_url = nats://127.0.0.1:$nats_port
state_path = $work/state
host = unit-test
[database]
connection = sqlite:///$work/cyborg.sqlite
[api]
auth_strategy = noauth
port = $port
[agent]
enabled_drivers = fake_driver
heartbeat_interval = 1
CONF
  touch "$work/etc/cyborg-api.conf" "$work/etc/cyborg-conductor.conf" "$work/etc/cyborg-agent.conf"
}

field() { /usr/bin/python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$work/run/$1.service.json" "$2"; }

lives() { # lives UNIT: ready, a sign of life each half of the watchdog's time, a reload, and an ordered end
  "$systemctl" start "$1"
  [ "$(field "$1" state)" = active ]
  [ "$(field "$1" status)" = runs ]
  local before
  before=$(field "$1" watchdog)
  until_true 120 signs_since "$1" $((before + 2))
  [ "$("$systemctl" is-active "$1")" = active ]
  "$systemctl" reload "$1"
  until_true 120 reloaded "$1"
  "$systemctl" stop "$1"
  field "$1" said | tee /dev/stderr | grep -q "STOPPING=1"
  [ "$(field "$1" state)" = inactive ]
}

reloaded() { field "$1" said | grep -q RELOADING=1 && [ "$(field "$1" state)" = active ]; }

signs_since() { [ "$(field "$1" watchdog)" -ge "$2" ]; }

waits() { # without its bus a service is not ready, and says for what it waits
  kill "$nats"
  wait "$nats" 2>/dev/null || true
  "$systemctl" start cyborg-agent &
  until_true 120 grep -q activating "$work/run/cyborg-agent.service.json"
  until_true 120 status_is cyborg-agent "connects to the bus"
  kill "$(field cyborg-agent pid)"
  wait
}

status_is() { [ "$(field "$1" status)" = "$2" ]; }

stands_still() { # one that is stopped dead gives no sign, and is ended
  "$systemctl" start cyborg-conductor
  kill -STOP "$(field cyborg-conductor pid)"
  until_true 120 grep -q '"why": "watchdog"' "$work/run/cyborg-conductor.service.json"
  kill -CONT "$(field cyborg-conductor pid)" 2>/dev/null || true
  until_true 120 failed_now cyborg-conductor
}

failed_now() { [ "$(field "$1" state)" = failed ]; }

if ! [ -x "$bin/cyborg-api" ]; then
  skip "units" "$bin/cyborg-api is missing: run ./build.sh"
  summary
  exit
fi
if command -v systemd-analyze >/dev/null; then
  try "the units are right" verify
  try "the API's unit gives it little" exposure cyborg-api 20
  try "the conductor's unit gives it little" exposure cyborg-conductor 20
  try "the agent's unit gives it little more" exposure cyborg-agent 30
else
  skip "the units are right" "systemd-analyze is missing: Debian's package systemd"
fi
if need /usr/sbin/nats-server nats-server; then
  configure
  for service in cyborg-conductor cyborg-api cyborg-agent; do
    try "$service says when it is ready, that it lives, reloads and stops" lives "$service"
  done
  try "a service that stands still is ended" stands_still
  try "a service whose bus is away waits, and says so" waits
else
  skip "the programs keep what their units promise" "no nats-server"
fi
summary
