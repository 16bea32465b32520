#!/usr/bin/env bash
# Runs every test and ends with the line "N passed, N failed, N skipped".
# A missing server is installed from Debian when this runs as root; otherwise its package is named, and what needs it
# is skipped (with CI=true it fails).
set -uo pipefail
cd "$(dirname "$0")" || exit 2

need() { # need PACKAGE FILE-GLOB: the package is there if the glob matches
  compgen -G "$2" >/dev/null && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing $1"
    [ -n "${apt_updated:-}" ] || apt-get update -qq >/dev/null
    apt_updated=1
    # Only the programs are wanted: no server is started, no cluster made.
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
    DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFOLD=1 \
      apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold "$1" >/dev/null </dev/null || echo "could not install $1"
  else
    echo "missing: Debian's package $1 (apt-get install $1)"
  fi
}
need postgresql '/usr/lib/postgresql/*/bin/initdb'
need nats-server '/usr/sbin/nats-server'
need python3-openstacksdk '/usr/lib/python3/dist-packages/openstack/__init__.py'
need python3-reno '/usr/bin/reno'
need curl '/usr/bin/curl'

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

if ! { dotnet restore Cyborg.sln -v quiet && dotnet build Cyborg.sln --no-restore -m:2 -v quiet -nologo; }; then
  echo "the build failed"
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
fi

explain() { # explain FILE: what its failed tests say
  [ -s "$1" ] && awk '/<UnitTestResult .*outcome="Failed"/ { failed = 1 } failed && /<(StdOut|Message|StackTrace)>/ { show = 1 }
    show { print } /<\/(StdOut|Message|StackTrace)>/ { show = 0 } /<\/UnitTestResult>/ { failed = 0 }' "$1" | head -n 200
}

# Two at a time, the longest first: much of a test's time is waiting for servers and other processes. What each says is shown when it ends.
run() { # run PROJECT: leaves its results, what it printed, and its exit code
  local name
  name=$(basename "$1" .csproj)
  # On a machine that stalls while xunit looks what there is to run, it finds nothing (github.com/xunit/xunit/issues/3576): then no test has run.
  for _ in 1 2 3; do
    timeout 40m dotnet test "$1" --no-build -v quiet -nologo --logger "trx;LogFileName=$name.trx" --results-directory "$results" >"$results/$name.log" 2>&1
    echo $? >"$results/$name.status"
    grep -qF 'did not return valid JSON' "$results/$name.log" || break
  done
  {
    flock 9
    echo "== $name"
    cat "$results/$name.log"
    [ "$(cat "$results/$name.status")" = 0 ] || explain "$results/$name.trx"
  } 9>"$results/printing"
}
first=(tests/crash/*.Tests.csproj tests/conductor/*.Tests.csproj)
mapfile -t others < <(printf '%s\n' tests/*/*.Tests.csproj | grep -vxF "$(printf '%s\n' "${first[@]}")")
trap 'kill $(jobs -p) 2>/dev/null; exit 130' INT TERM
for project in "${first[@]}" "${others[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "${TEST_LANES:-2}" ]; do wait -n; done
  run "$project" &
done
wait
status=0
for project in "${first[@]}" "${others[@]}"; do
  name=$(basename "$project" .csproj)
  [ "$(cat "$results/$name.status" 2>/dev/null)" = 0 ] || status=1
  [ -s "$results/$name.trx" ] || { echo "$name left no result" && status=1 && missing=$((${missing:-0} + 1)); }
done

count() { # count ATTRIBUTE: its sum over the counters of all result files
  cat "$results"/*.trx 2>/dev/null | grep -o '<Counters [^>]*>' | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9\n' | awk '{ sum += $1 } END { print sum + 0 }'
}
total=$(count total) executed=$(count executed) passed=$(count passed)
failed=$((${executed:-0} - ${passed:-0} + ${missing:-0}))
[ "$status" = 0 ] || [ "$failed" -gt 0 ] || failed=1
echo "${passed:-0} passed, $failed failed, $((${total:-0} - ${executed:-0})) skipped"
[ "$failed" = 0 ]
