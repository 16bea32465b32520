#!/usr/bin/env bash
# Runs the devstack plugin through all its phases, as stack.sh, unstack.sh and clean.sh would, against the lab's Keystone and Placement; walks an accelerator
# request through the services that it configured; and looks whether it leaves anything. Twice: as it is by default, and on devstack's own PostgreSQL.
set -uo pipefail
# shellcheck source=tests/deploy/common.sh
source "$(dirname "$0")/../common.sh"
HARNESS=$root/tests/deploy/devstack

if [ -z "${CYBORG_LAB:-}" ]; then
  skip "devstack" "needs a lab: set CYBORG_LAB"
  summary
  exit
fi
for file in /usr/sbin/nats-server:nats-server /usr/sbin/apache2:apache2-bin /usr/bin/sudo:sudo /usr/lib/python3/dist-packages/venv:python3-venv \
  /usr/lib/python3/dist-packages/cyborgclient:python3-cyborgclient /usr/bin/openstack:python3-openstackclient; do
  case $file in
    */venv:*) /usr/bin/python3 -c 'import venv, ensurepip' 2>/dev/null || need "${file%:*}" "${file#*:}" >/dev/null ;;
    *) need "${file%:*}" "${file#*:}" || exit 1 ;;
  esac
done
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || need /usr/lib/postgresql/15/bin/initdb postgresql || exit 1

"$CYBORG_LAB" up keystone placement >/dev/null || exit 1
lab_environment admin
# Others may use this machine's plain "openstack": the client of Debian is meant.
openstack() { /usr/bin/openstack "$@"; }
host_name=devstack-harness

stackrc() { # the variables of devstack that plugins rely on
  WORK=$(mktemp -d)
  chmod 755 "$WORK"
  DEST=$WORK/stack DATA_DIR=$WORK/stack/data STATUS_DIR=$WORK/stack/status
  mkdir -p "$DATA_DIR" "$STATUS_DIR" "$WORK"/apache/{sites-available,sites-enabled,mods-enabled}
  STACK_USER=$(id -un)
  GIT_BASE=$WORK/git LOCAL_HOSTNAME=$host_name
  SERVICE_HOST=127.0.0.1 SERVICE_LISTEN_ADDRESS=127.0.0.1 SERVICE_PROTOCOL=http SERVICE_TIMEOUT=300 APACHE_LOCAL_HOST=127.0.0.1
  SERVICE_PASSWORD=secret SERVICE_PROJECT_NAME=service SERVICE_DOMAIN_NAME=Default REGION_NAME=$OS_REGION_NAME
  KEYSTONE_SERVICE_URI=${OS_AUTH_URL%/v3} MEMCACHE_SERVERS=localhost:11211
  SSL_BUNDLE_FILE=$DATA_DIR/ca-bundle.pem
  PLUGINS=keystone,placement,nova
  ENABLED_SERVICES=key,placement-api,placement,n-api,n-cpu,tempest
  DATABASE_HOST=127.0.0.1 DATABASE_USER=root DATABASE_PASSWORD=secret
  POSTGRES_BIN=$(printf '%s\n' /usr/lib/postgresql/*/bin | tail -n 1) PGHOST=$WORK/postgres-socket
  NOVA_CONF=$WORK/nova.conf TEMPEST_CONFIG=$WORK/tempest.conf
  APACHE_PORT=$(free_port)
  # What local.conf would set, so that nothing of the machine's own is touched.
  CYBORG_CONF_DIR=$WORK/etc/cyborg CYBORG_STATE_PATH=$WORK/var/lib/cyborg
  CYBORG_SERVICE_PORT=$(free_port) CYBORG_NATS_PORT=$(free_port) CYBORG_POSTGRES_PORT=$(free_port)
  CYBORG_BIN_DIR=${CYBORG_BIN:-$root/artifacts/bin} CYBORG_BUILD=False
}

client_repository() { # a project that can be cloned and installed
  local folder=$GIT_BASE/openstack/python-cyborgclient
  mkdir -p "$folder/harness_client"
  printf '[project]\nname = "harness-client"\nversion = "1"\n[tool.setuptools]\npackages = ["harness_client"]\n' >"$folder/pyproject.toml"
  touch "$folder/harness_client/__init__.py"
  git -C "$folder" init -q -b master
  git -C "$folder" add .
  git -C "$folder" -c user.name=harness -c user.email=harness@localhost commit -q -m client
}

phase() { # phase MODE [PHASE]: as devstack calls a plugin
  # shellcheck source=devstack/settings
  source "$root/devstack/settings"
  verify_plugins
  # shellcheck source=devstack/plugin.sh
  source "$root/devstack/plugin.sh" "$@"
}

is() { # is EXPECTED ACTUAL
  [ "$1" = "$2" ] || {
    echo "expected '$1', got '$2'"
    return 1
  }
}

configured() { # what other people's scripts and services rely on
  local section
  is "$CYBORG_STATE_PATH" "$(iniget "$CYBORG_CONF" DEFAULT state_path)"
  is True "$(iniget "$CYBORG_CONF" DEFAULT debug)"
  is True "$(iniget "$CYBORG_API_CONF" api upstream_fault_codes)"
  is ready "$(iniget "$CYBORG_AGENT_CONF" devices initial_state)"
  is fake_driver "$(iniget "$CYBORG_AGENT_CONF" agent enabled_drivers)"
  is 6 "$(iniget "$CYBORG_AGENT_CONF" agent resource_provider_startup_retries)"
  for section in nova placement; do is cyborg "$(iniget "$CYBORG_CONDUCTOR_CONF" "$section" username)"; done
  for section in placement glance; do is "$KEYSTONE_SERVICE_URI" "$(iniget "$CYBORG_AGENT_CONF" "$section" auth_url)"; done
  is "" "$(iniget "$CYBORG_API_CONF" keystone_authtoken cafile)"
  is "" "$(iniget "$CYBORG_AGENT_CONF" database connection)"
  is 600 "$(stat -c %a "$CYBORG_API_CONF")"
  is True "$(iniget "$NOVA_CONF" service_user send_service_user_token)"
  is "kept" "$(iniget "$NOVA_CONF" DEFAULT harness)"
  is True "$(iniget "$TEMPEST_CONFIG" service_available cyborg)"
  is "2.0 2.3" "$(iniget "$TEMPEST_CONFIG" accelerator min_microversion) $(iniget "$TEMPEST_CONFIG" accelerator max_microversion)"
  is "$CYBORG_API_URL/v2" "$(openstack endpoint list --service accelerator --interface internal -f value -c URL)"
  is "admin service" "$(openstack role assignment list --user cyborg --project service --names -f value -c Role | sort | xargs)"
}

nova_finds_cyborg() { # Nova's own code reads its file, and logs in as the service that it is
  /usr/bin/python3 - "$NOVA_CONF" <<'PYTHON'
import sys
import nova.conf
from nova import config, service_auth, utils
from keystoneauth1 import loading
nova.conf.CONF(["--config-file", sys.argv[1]], project="nova", default_config_files=[])
conf = nova.conf.CONF
assert conf.service_user.send_service_user_token
auth = loading.load_auth_from_conf_options(conf, "service_user")
adapter = utils.get_ksa_adapter("accelerator", ksa_auth=auth, ksa_session=loading.load_session_from_conf_options(conf, "service_user"))
print(adapter.get_endpoint(), adapter.service_type, adapter.interface, adapter.region_name, adapter.status_code_retries)
assert adapter.get_endpoint(), "Nova does not find the endpoint"
assert adapter.get("/device_profiles", raise_exc=False).status_code == 200
PYTHON
}

token_of() { (lab_environment "$1" && openstack token issue -f value -c id); }

enabled_device() { # the client shows no status
  curl -fsS "$CYBORG_API_URL/v2/devices" -H "X-Auth-Token: $admin_token" -H "OpenStack-API-Version: accelerator 2.3" | grep '"status": *"enabled"'
}

walk() { # one accelerator request: created by its user, bound as Nova binds, seen, given back, gone
  local user nova api=$CYBORG_API_URL/v2 arq provider instance
  local admin_token
  admin_token=$(token_of admin)
  until_true 240 enabled_device
  openstack accelerator device profile create harness '[{"resources:FPGA": "1", "trait:CUSTOM_FAKE_DEVICE": "required"}]'
  user=$(token_of demo_member) nova=$(token_of nova)
  arq=$(curl -fsS -X POST "$api/accelerator_requests" -H "X-Auth-Token: $user" -H "Content-Type: application/json" -d '{"device_profile_name": "harness"}' |
    jq_get arqs 0 uuid)
  until_true 240 shown_in_placement
  provider=$(curl -fsS "$api/deployables" -H "X-Auth-Token: $admin_token" | jq_get deployables 0 rp_uuid)
  instance=$(cat /proc/sys/kernel/random/uuid)
  bind() { curl -sS -o "$WORK/answer" -w '%{http_code}' -X PATCH "$api/accelerator_requests" -H "X-Auth-Token: $1" -H "X-Service-Token: $2" \
    -H "Content-Type: application/json" -d "{\"$arq\": $3}"; }
  local add="[{\"op\": \"add\", \"path\": \"/hostname\", \"value\": \"$host_name\"}, {\"op\": \"add\", \"path\": \"/device_rp_uuid\", \"value\": \"$provider\"},
    {\"op\": \"add\", \"path\": \"/instance_uuid\", \"value\": \"$instance\"}]"
  local remove='[{"op": "remove", "path": "/hostname"}, {"op": "remove", "path": "/device_rp_uuid"}, {"op": "remove", "path": "/instance_uuid"}]'
  is 403 "$(bind "$user" "" "$add")"
  is 202 "$(bind "$user" "$nova" "$add")" || cat "$WORK/answer"
  until_true 240 bound "$arq"
  openstack accelerator arq list
  is Bound "$(openstack accelerator arq show "$arq" -f value -c state)"
  is 202 "$(bind "$user" "$nova" "$remove")" || cat "$WORK/answer"
  openstack accelerator arq delete "$arq"
  is "" "$(openstack accelerator arq list -f value)"
  openstack accelerator device profile delete harness
}

shown_in_placement() { placement show "$host_name" | grep 'FPGA=[1-9]'; }

bound() { is Bound "$(openstack accelerator arq show "$1" -f value -c state)"; }

jq_get() { /usr/bin/python3 -c 'import json, sys
value = json.load(sys.stdin)
for step in sys.argv[1:]: value = value[int(step) if step.isdigit() else step]
print(value)' "$@"; }

left_nothing() {
  local service
  for service in cyborg-api cyborg-cond cyborg-agent cyborg-nats; do
    ! is_running "$service" 2>/dev/null || { echo "$service runs" && return 1; }
  done
  ! pgrep -f "$WORK/etc/cyborg" || { echo "something of Cyborg runs" && return 1; }
  [ ! -e "$CYBORG_CONF_DIR" ] && [ ! -e "$CYBORG_STATE_PATH" ] && [ ! -e "$CYBORG_DATA_DIR" ]
  [ ! -e "$WORK/apache/sites-enabled/cyborg-api.conf" ]
  if cyborg_has_own_database; then
    is "" "$(sudo -u postgres psql -p "$CYBORG_POSTGRES_PORT" -At -c "SELECT rolname FROM pg_roles WHERE rolname = 'cyborg'")"
  fi
}

restarted() { # every process anew, as an operator would: what was there is there
  local service
  openstack accelerator device profile create kept '[{"resources:FPGA": "1"}]'
  for service in cyborg-nats cyborg-cond cyborg-api cyborg-agent; do restart_process "$service"; done
  wait_for_service 240 "$CYBORG_API_URL/"
  until_true 240 profile_kept
  openstack accelerator device profile delete kept
}

profile_kept() { openstack accelerator device profile list -f value -c name | grep -x kept; }

settle() { # what was started here ends, however the tests went
  local pid
  for pid in "$STATUS_DIR"/*.pid; do [ ! -f "$pid" ] || kill "$(cat "$pid")" 2>/dev/null; done
  stop_postgresql
  rm -rf "$WORK"
}

# shellcheck source=tests/deploy/devstack/functions.sh
source "$HARNESS/functions.sh"

stack() { # stack NAME: a whole life of a devstack
  local name=$1
  say "devstack: $name"
  printf '[DEFAULT]\nharness = kept\n' >"$NOVA_CONF"
  [ "$DATABASE_TYPE" != postgresql ] || try "$name: devstack's database" install_database
  forget_cyborg
  # nova-compute's work, which comes before Cyborg's.
  placement make "$host_name"
  try "$name: stack pre-install" phase stack pre-install
  try "$name: stack install" phase stack install
  try "$name: stack post-config" phase stack post-config
  try "$name: stack extra" phase stack extra
  try "$name: stack test-config" phase stack test-config
  try "$name: files and accounts are as they should be" with_settings configured
  if /usr/bin/python3 -c 'import nova.conf' 2>/dev/null; then
    try "$name: Nova finds Cyborg by its nova.conf" nova_finds_cyborg
  else
    skip "$name: Nova finds Cyborg by its nova.conf" "Nova is not installed"
  fi
  try "$name: an accelerator request's life" with_settings walk
  if [ "$DATABASE_TYPE" != postgresql ]; then
    try "$name: a restart keeps what was there" with_settings restarted
    try "$name: stack again, over what is there" restack
    try "$name: an accelerator request's life after that" with_settings walk
  fi
  try "$name: unstack" phase unstack
  try "$name: clean" phase clean
  try "$name: nothing is left" with_settings left_nothing
  settle
}

restack() {
  phase unstack
  phase stack post-config
  phase stack extra
}

with_settings() { # in a process that has read the plugin, as all of devstack has
  # shellcheck source=devstack/settings
  source "$root/devstack/settings"
  # shellcheck source=devstack/lib/cyborg
  source "$root/devstack/lib/cyborg"
  "$@"
}

trap 'exit 143' TERM INT
trap 'settle 2>/dev/null; restore_cyborg; placement forget "$host_name"' EXIT

stackrc
DATABASE_TYPE=mysql CYBORG_SERVICE_HOST=127.0.0.1:$APACHE_PORT
# Passwords that mean something in a URL, and to sed.
# shellcheck disable=SC2034  # read by the plugin
DATABASE_PASSWORD='data:b@se/?' CYBORG_NATS_PASSWORD='b&s:p@ss/w'
client_repository
stack "as it is by default"

stackrc
# shellcheck disable=SC2034  # read by the plugin
DATABASE_TYPE=postgresql CYBORG_USE_UWSGI=False CYBORG_CLIENT_INSTALL=False
unset CYBORG_SERVICE_HOST CYBORG_NATS_PASSWORD
stack "on devstack's PostgreSQL, without Apache"
summary
