#!/usr/bin/env bash
# Everything about deployment: scripts, units, devstack, installation. The last line is "N passed, N failed, N skipped".
# ./build.sh has to have run. CYBORG_LAB names a lab (tests/e2e/README.md); it forgets Cyborg for the time of these tests, and knows it again afterwards.
set -uo pipefail
# shellcheck source=tests/deploy/common.sh
source "$(dirname "$0")/common.sh"
cd "$root" || exit 2

devstack_scripts=(devstack/plugin.sh devstack/lib/cyborg devstack/settings devstack/upgrade/settings devstack/upgrade/*.sh)
scripts() { shellcheck -x "${devstack_scripts[@]}" packaging/build-debs.sh packaging/debian/*.p* tests/deploy/*.sh tests/deploy/*/*.sh; }
# E006: lines may be longer than 79 characters here.
style() { bashate -i E006 "${devstack_scripts[@]}"; }

say "scripts"
if need /usr/bin/shellcheck shellcheck; then try "shellcheck finds nothing" scripts; else skip "shellcheck" "it is not installed"; fi
if need /usr/bin/bashate python3-bashate; then try "bashate finds nothing" style; else skip "bashate" "it is not installed"; fi

chapter() { # chapter SCRIPT: what it counts is counted here
  local log last
  log=$(mktemp)
  "$@" 2>&1 | tee "$log"
  last=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1)
  rm -f "$log"
  local good _ bad left
  read -r good _ bad _ left _ <<<"${last:-0 passed, 1 failed, 0 skipped}"
  passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + left))
}
say "units"
chapter timeout 600 tests/deploy/units/run.sh
chapter timeout 1500 tests/deploy/devstack/harness.sh
chapter timeout 1600 tests/deploy/install/run.sh
summary
