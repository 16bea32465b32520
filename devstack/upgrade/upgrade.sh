#!/usr/bin/env bash
# shellcheck disable=SC1090,SC1091  # what is sourced is devstack's and grenade's, where they are
#
# upgrade.sh - grenade: puts the new release in the place of the old one, with its configuration and its database

echo "Begin $0"

function abort_upgrade {
    set +o errexit
    echo "ERROR: Abort $0"
    # Whoever called this is to stop, too.
    trap 2
    kill -2 $$
}
trap abort_upgrade SIGHUP SIGINT SIGTERM

RUN_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

source "$GRENADE_DIR/grenaderc"
source "$GRENADE_DIR/functions"

set -o errexit

source "$TARGET_DEVSTACK_DIR/stackrc"
source "$TARGET_DEVSTACK_DIR/lib/apache"
source "$TARGET_DEVSTACK_DIR/lib/tls"
source "$TARGET_DEVSTACK_DIR/lib/keystone"
source "$TARGET_DEVSTACK_DIR/lib/placement"
TOP_DIR=${TOP_DIR:-$TARGET_DEVSTACK_DIR}
source "$TOP_DIR/openrc" admin admin

source "$(dirname "$RUN_DIR")/settings"
source "$(dirname "$RUN_DIR")/lib/cyborg"

set -o xtrace

# What was there before the upgrade, for whoever has to understand it afterwards.
[[ -d "$SAVE_DIR/etc.cyborg" ]] || cp -pr "$CYBORG_CONF_DIR" "$SAVE_DIR/etc.cyborg"

install_cyborg
upgrade_project cyborg "$RUN_DIR" "$BASE_DEVSTACK_BRANCH" "$TARGET_DEVSTACK_BRANCH"

"$CYBORG_BIN_DIR/cyborg-dbsync" --config-file "$CYBORG_CONF" upgrade || die $LINENO "The database could not be upgraded."
"$CYBORG_BIN_DIR/cyborg-dbsync" --config-file "$CYBORG_CONF" online_data_migrations || die $LINENO "The data could not be upgraded."

# 1 is a warning, and more is what would stop the services.
"$CYBORG_BIN_DIR/cyborg-status" --config-file "$CYBORG_CONF" upgrade check && result=0 || result=$?
if [[ $result -gt 1 ]]; then
    die $LINENO "The upgrade check ended with $result."
fi

start_cyborg
ensure_services_started cyborg-api cyborg-cond cyborg-agent

set +o xtrace
echo "SUCCESS: End $0"
