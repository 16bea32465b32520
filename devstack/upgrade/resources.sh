#!/usr/bin/env bash
# shellcheck disable=SC1090,SC1091  # what is sourced is devstack's and grenade's, where they are
#
# resources.sh - grenade: what users have made is there after the upgrade, and of use

set -o errexit

source "$GRENADE_DIR/grenaderc"
source "$GRENADE_DIR/functions"

TOP_DIR=${TOP_DIR:-$TARGET_DEVSTACK_DIR}
source "$TOP_DIR/openrc" admin admin

set -o xtrace

GROUPS_OF_PROFILE='[{"resources:FPGA": "1", "trait:CUSTOM_FAKE_DEVICE": "required"}]'

function create_profile {
    openstack accelerator device profile create "$1" "$GROUPS_OF_PROFILE" -f value -c uuid
}

function create {
    resource_save cyborg profile "$(create_profile cyborg-grenade)"
    resource_save cyborg arq "$(openstack accelerator arq create cyborg-grenade -f value -c uuid)"
}

function verify {
    openstack accelerator device profile show "$(resource_get cyborg profile)"
    openstack accelerator arq show "$(resource_get cyborg arq)"
    resource_save cyborg new_profile "$(create_profile cyborg-grenade-new)"
    openstack accelerator device profile show "$(resource_get cyborg new_profile)"
}

# The API is down: nothing but its database could be asked, and that is its own.
function verify_noapi {
    echo "Nothing of Cyborg can be seen without its API."
}

function destroy {
    openstack accelerator arq delete "$(resource_get cyborg arq)"
    openstack accelerator device profile delete "$(resource_get cyborg new_profile)"
    openstack accelerator device profile delete "$(resource_get cyborg profile)"
}

case $1 in
    create | verify | verify_noapi | destroy)
        $1
        ;;
    force_destroy)
        set +o errexit
        destroy
        ;;
esac
