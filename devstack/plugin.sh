#!/bin/bash
#
# plugin.sh - devstack's entry to Cyborg; https://docs.openstack.org/devstack/latest/plugins.html says when it is called with what.

# shellcheck source=devstack/lib/cyborg
source "$CYBORG_DIR/devstack/lib/cyborg"

echo_summary "cyborg: ${1:-} ${2:-}"

if is_service_enabled cyborg cyborg-api cyborg-cond cyborg-agent; then
    case "${1:-}/${2:-}" in
        stack/pre-install)
            check_cyborg_settings
            install_cyborg_prerequisites
            clone_cyborg_client
            ;;
        stack/install)
            install_cyborg
            install_cyborg_client
            ;;
        stack/post-config)
            configure_cyborg
            create_cyborg_accounts
            ;;
        stack/extra)
            init_cyborg
            start_cyborg
            ;;
        stack/test-config)
            configure_cyborg_tempest
            ;;
        unstack/*)
            stop_cyborg
            ;;
        clean/*)
            cleanup_cyborg
            ;;
    esac
fi
