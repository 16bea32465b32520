#!/bin/bash
#
# What the chapters of these tests share: counting, waiting, and the lab. Sourced.

# shellcheck disable=SC2034  # those who source this use it
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
passed=0
failed=0
skipped=0

say() { printf '== %s\n' "$*"; }

try() { # try NAME COMMAND...: one test
  local name=$1 log code began=$SECONDS
  shift
  log=$(mktemp)
  # Not as a condition of "if": bash would let no command of it end the test.
  (
    set -euo pipefail
    "$@"
  ) >"$log" 2>&1
  code=$?
  if [ "$code" = 0 ]; then
    passed=$((passed + 1))
    printf 'ok    %s (%d s)\n' "$name" $((SECONDS - began))
  else
    failed=$((failed + 1))
    printf 'FAILED %s (%d s)\n' "$name" $((SECONDS - began))
    tail -n 80 "$log" | sed 's/^/    /'
  fi
  rm -f "$log"
}

skip() { # skip NAME WHY
  skipped=$((skipped + 1))
  printf 'skip  %s: %s\n' "$1" "$2"
}

summary() {
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" = 0 ]
}

until_true() { # until_true SECONDS COMMAND...: the command, again and again; its last answer is shown if it never works
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS >= end)); then
      echo "not within the time: $*"
      "$@"
      return 1
    fi
    sleep 0.3
  done
}

free_port() { # below the range that outgoing connections take theirs from: what is free now is free still when a service has come up
  /usr/bin/python3 - <<'PYTHON'
import random, socket
while True:
    with socket.socket() as taken:
        try:
            taken.bind(("127.0.0.1", random.randrange(20000, 32000)))
        except OSError:
            continue
        print(taken.getsockname()[1])
        break
PYTHON
}

need() { # need FILE PACKAGE: from Debian, where this runs as root
  [ -e "$1" ] && return
  [ "$(id -u)" = 0 ] && apt-get install -y -qq --no-install-recommends "$2" >/dev/null 2>&1
  [ -e "$1" ] || echo "missing: Debian's package $2"
  [ -e "$1" ]
}

# The lab
# -------

lab_environment() { # lab_environment USER [PROJECT]: its OS_* variables, exported; those of another user are gone
  local name line
  for name in ${!OS_@}; do unset "$name"; done
  while IFS= read -r line; do export "${line#export }"; done < <("$CYBORG_LAB" env "$@" | grep '^export OS_')
}

forget_cyborg() { # a cloud without Cyborg: no user, no service, no endpoint
  local id
  for id in $(openstack service list -f value -c ID -c Type | awk '$2 == "accelerator" { print $1 }'); do openstack service delete "$id"; done
  if openstack user show cyborg >/dev/null 2>&1; then openstack user delete cyborg; fi
}

restore_cyborg() { # as the lab made it
  local interface role
  forget_cyborg
  openstack user create --domain default --password secret cyborg >/dev/null
  for role in admin service; do openstack role add --user cyborg --project service "$role"; done
  openstack service create --name cyborg accelerator >/dev/null
  for interface in public internal admin; do
    openstack endpoint create --region RegionOne accelerator "$interface" "${LAB_ACCELERATOR_URL:-http://127.0.0.1:6666/v2}" >/dev/null
  done
}

placement() { # placement make|forget|show NAME: placement.py says what that is
  local token url
  token=$(openstack token issue -f value -c id)
  url=$(openstack endpoint list --service placement --interface public -f value -c URL)
  /usr/bin/python3 "$root/tests/deploy/placement.py" "$url" "$token" "$@"
}
