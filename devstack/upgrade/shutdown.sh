#!/usr/bin/env bash
# shellcheck disable=SC1090,SC1091  # what is sourced is devstack's and grenade's, where they are
#
# shutdown.sh - grenade: stops the services of the old release

set -o errexit

source "$GRENADE_DIR/grenaderc"
source "$GRENADE_DIR/functions"

# The old release's devstack knows how it started them.
source "$BASE_DEVSTACK_DIR/functions"
source "$BASE_DEVSTACK_DIR/stackrc"

CYBORG_PLUGIN_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$CYBORG_PLUGIN_DIR/settings"
source "$CYBORG_PLUGIN_DIR/lib/cyborg"

set -o xtrace

stop_cyborg

ensure_services_stopped cyborg-api cyborg-cond cyborg-agent
