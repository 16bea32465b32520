#!/bin/bash
#
# functions.sh - the functions of devstack that a plugin may call, with what they do there: on real files, the lab's real Keystone, a real PostgreSQL and a real
# Apache. Where devstack uses systemd, processes are kept here; where it uses the machine's own folders, those below $WORK. Sourced by harness.sh.

set +o nounset

# Words
# -----

function echo_summary { echo "--- $*"; }
function die {
    echo "[ERROR] line $1: ${*:2}" >&2
    exit 1
}
function trueorfalse { # trueorfalse DEFAULT VARIABLE
    local value=${!2:-}
    case ${value,,} in
        1 | yes | true) echo True ;;
        0 | no | false) echo False ;;
        *) echo "$1" ;;
    esac
}
function ipv6_unquote { echo "$1" | tr -d '[]'; }
function is_ubuntu { [[ "$(. /etc/os-release && echo "${ID:-} ${ID_LIKE:-}")" =~ ubuntu|debian ]]; }

# Services and plugins
# --------------------

declare -A PLUGIN_REQUIREMENTS
function define_plugin { PLUGIN_NAME=$1; }
function plugin_requires { # is looked at by verify_plugins before anything is done, as devstack does when it has read all settings
    [[ "$1" == "$PLUGIN_NAME" ]] || die $LINENO "plugin_requires before define_plugin $1"
    PLUGIN_REQUIREMENTS[$2]=$1
}
function verify_plugins {
    local needed
    for needed in "${!PLUGIN_REQUIREMENTS[@]}"; do
        [[ ,$PLUGINS, == *,$needed,* ]] || die $LINENO "${PLUGIN_REQUIREMENTS[$needed]} requires $needed"
    done
}
function enable_service {
    local service
    for service in "$@"; do
        is_service_enabled "$service" || ENABLED_SERVICES="$ENABLED_SERVICES,$service"
    done
}
function disable_service {
    local service
    for service in "$@"; do ENABLED_SERVICES=$(echo ",$ENABLED_SERVICES," | sed "s/,$service,/,/; s/^,//; s/,$//"); done
}
function is_service_enabled { # true if any is; nova for whichever part of it
    local service
    for service in "$@"; do
        [[ ",$ENABLED_SERVICES," == *",$service,"* ]] && return 0
        [[ "$service" == nova && ",$ENABLED_SERVICES" == *",n-"* ]] && return 0
    done
    return 1
}

# Files
# -----

function iniset { # iniset FILE SECTION OPTION VALUE
    /usr/bin/python3 "$HARNESS/ini.py" set "$@"
}
function iniget { /usr/bin/python3 "$HARNESS/ini.py" get "$@"; }
function iniadd { /usr/bin/python3 "$HARNESS/ini.py" add "$@"; }
function inidelete { /usr/bin/python3 "$HARNESS/ini.py" delete "$@"; }
function inicomment { /usr/bin/python3 "$HARNESS/ini.py" comment "$@"; }

# Packages, sources
# -----------------

function install_package {
    local package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package"
    done
}
function git_clone { # git_clone REPOSITORY FOLDER REFERENCE
    [[ -d "$2" ]] || git clone -q "$1" "$2"
    git -C "$2" checkout -q "$3"
}
function setup_develop { # into devstack's virtual environment, so that changes of the source count at once
    [[ -d "$DEST/data/venv" ]] || /usr/bin/python3 -m venv --system-site-packages "$DEST/data/venv"
    "$DEST/data/venv/bin/pip" install -q --no-build-isolation --no-deps --disable-pip-version-check -e "$1"
}

# Processes
# ---------

function run_process { # run_process SERVICE COMMAND: devstack's unit of that name, started
    is_service_enabled "$1" || return 0
    local command=$2
    [[ "$command" == /* ]] || die $LINENO "run_process needs an absolute path: $command"
    printf '%s' "$command" >"$STATUS_DIR/$1.command"
    # shellcheck disable=SC2086  # words are the command's arguments
    setsid $command >>"$STATUS_DIR/$1.log" 2>&1 </dev/null &
    echo $! >"$STATUS_DIR/$1.pid"
}
function stop_process { # stopped and disabled; without an error if it was neither
    is_service_enabled "$1" || return 0
    local pid
    [[ -f "$STATUS_DIR/$1.pid" ]] || return 0
    pid=$(cat "$STATUS_DIR/$1.pid")
    kill "$pid" 2>/dev/null || true
    timeout 60 tail --pid="$pid" -f /dev/null || kill -KILL "$pid"
    rm -f "$STATUS_DIR/$1.pid" "$STATUS_DIR/$1.command"
}
function restart_process { # systemctl restart devstack@SERVICE
    local command
    command=$(cat "$STATUS_DIR/$1.command")
    stop_process "$1"
    run_process "$1" "$command"
}
function is_running { [[ -f "$STATUS_DIR/$1.pid" ]] && kill -0 "$(cat "$STATUS_DIR/$1.pid")"; }
function wait_for_service { # wait_for_service SECONDS URL: until it answers anything but 503
    local end=$((SECONDS + $1)) code
    while ((SECONDS < end)); do
        code=$(curl -g -k --noproxy '*' -s -o /dev/null -w '%{http_code}' "$2") || true
        [[ "$code" != 000 && "$code" != 503 ]] && return 0
        sleep 0.5
    done
    return 1
}
function start_service { # of those that the machine has, the database is started: on a port of its own
    case $1 in
        postgresql) start_postgresql ;;
        apache2) restart_apache_server ;;
        *) die $LINENO "start_service $1" ;;
    esac
}
function stop_service { # what was not started here goes on; here the package's own server never runs
    if [[ -f "$STATUS_DIR/service-$1.pid" ]]; then
        local pid
        pid=$(cat "$STATUS_DIR/service-$1.pid")
        kill "$pid" 2>/dev/null || true
        # Its port has to be free for the next one.
        timeout 30 tail --pid="$pid" -f /dev/null || kill -KILL "$pid"
        rm -f "$STATUS_DIR/service-$1.pid"
    fi
}
function sudo { # with the settings that programs of the database would find in the machine's own folders
    if [[ "$1" == -u ]]; then
        (cd / && command sudo -u "$2" PGHOST="$PGHOST" PATH="$POSTGRES_BIN:$PATH" "${@:3}")
    else
        "$@"
    fi
}

# The database
# ------------

function start_postgresql {
    [[ -f "$WORK/postgres/postmaster.pid" ]] && return 0
    mkdir -p "$WORK/postgres" "$PGHOST"
    chown postgres "$WORK/postgres" "$PGHOST"
    (cd / && command sudo -u postgres "$POSTGRES_BIN/initdb" -D "$WORK/postgres" -A trust --encoding UTF8 --locale C.UTF-8 >/dev/null)
    echo "host all all 127.0.0.1/32 scram-sha-256" | command sudo -u postgres tee "$WORK/postgres/pg_hba.conf" >/dev/null
    echo "local all all trust" | command sudo -u postgres tee -a "$WORK/postgres/pg_hba.conf" >/dev/null
    (cd / && command sudo -u postgres "$POSTGRES_BIN/pg_ctl" -D "$WORK/postgres" -w -t 300 -s -l "$WORK/postgres/log" \
        -o "-p $CYBORG_POSTGRES_PORT -c listen_addresses=127.0.0.1 -c unix_socket_directories=$PGHOST -c fsync=off" start)
}
function stop_postgresql {
    [[ ! -f "$WORK/postgres/postmaster.pid" ]] || (cd / && command sudo -u postgres "$POSTGRES_BIN/pg_ctl" -D "$WORK/postgres" -w -t 300 -s -m fast stop)
}
function install_database { # what devstack itself does before plugins, with DATABASE_TYPE=postgresql
    start_postgresql
    sudo -u postgres psql -p "$CYBORG_POSTGRES_PORT" -q -d template1 \
        -c "CREATE ROLE $DATABASE_USER WITH SUPERUSER LOGIN PASSWORD '$DATABASE_PASSWORD'"
}
function recreate_database {
    [[ "$DATABASE_TYPE" == postgresql ]] || die $LINENO "recreate_database is devstack's own, which is $DATABASE_TYPE here"
    local connection=(-h "$DATABASE_HOST" -p "$CYBORG_POSTGRES_PORT" -U "$DATABASE_USER")
    PGPASSWORD=$DATABASE_PASSWORD psql "${connection[@]}" -q -d template1 -c "DROP DATABASE IF EXISTS $1"
    PGPASSWORD=$DATABASE_PASSWORD "$POSTGRES_BIN/createdb" "${connection[@]}" -l C -T template0 -E utf8 "$1"
}
function database_connection_url {
    if [[ "$DATABASE_TYPE" == postgresql ]]; then
        echo "postgresql://$DATABASE_USER:$DATABASE_PASSWORD@$DATABASE_HOST:$CYBORG_POSTGRES_PORT/$1?client_encoding=utf8"
    else
        echo "mysql+pymysql://$DATABASE_USER:$DATABASE_PASSWORD@$DATABASE_HOST/$1?charset=utf8"
    fi
}

# Apache
# ------

function apache_site_config_for { echo "$WORK/apache/sites-available/$1.conf"; }
function enable_apache_mod {
    echo "LoadModule $1_module /usr/lib/apache2/modules/mod_$1.so" >"$WORK/apache/mods-enabled/$1.load"
}
function enable_apache_site { ln -sf "$(apache_site_config_for "$1")" "$WORK/apache/sites-enabled/$1.conf"; }
function disable_apache_site { rm -f "$WORK/apache/sites-enabled/$1.conf"; }
function restart_apache_server {
    stop_service apache2
    local module
    mkdir -p "$WORK"/apache/{sites-available,sites-enabled,mods-enabled}
    for module in mpm_event authz_core unixd; do
        [[ ! -e /usr/lib/apache2/modules/mod_$module.so ]] || enable_apache_mod "$module"
    done
    # Debian compiles unixd into the program.
    [[ -e /usr/lib/apache2/modules/mod_unixd.so ]] || rm -f "$WORK/apache/mods-enabled/unixd.load"
    cat >"$WORK/apache/apache2.conf" <<CONF
ServerRoot $WORK/apache
ServerName localhost
Listen 127.0.0.1:$APACHE_PORT
PidFile $WORK/apache/pid
Mutex file:$WORK/apache
ErrorLog $WORK/apache/error.log
IncludeOptional mods-enabled/*.load
IncludeOptional sites-enabled/*.conf
CONF
    setsid /usr/sbin/apache2 -D FOREGROUND -f "$WORK/apache/apache2.conf" >>"$WORK/apache/log" 2>&1 </dev/null &
    echo $! >"$STATUS_DIR/service-apache2.pid"
    wait_for_service 120 "http://127.0.0.1:$APACHE_PORT/"
}
function write_local_proxy_http_config { # write_local_proxy_http_config SITE URL PATH
    mkdir -p "$WORK"/apache/{sites-available,sites-enabled,mods-enabled}
    enable_apache_mod proxy
    enable_apache_mod proxy_http
    enable_apache_mod env
    printf '%s\n' "KeepAlive Off" "SetEnv proxy-sendchunked 1" "ProxyPass \"$3\" \"$2\" retry=0 acquire=1 " >"$(apache_site_config_for "$1")"
    enable_apache_site "$1"
    restart_apache_server
}

# Keystone
# --------

function get_or_create_user { openstack user create "$1" --password "$2" --domain "$3" --or-show -f value -c id; }
function get_or_add_user_project_role { openstack role add "$1" --user "$2" --project "$3" --user-domain "$4" --project-domain "$5"; }
function create_service_user { # create_service_user NAME [ROLE]: with the role service, and that one
    get_or_create_user "$1" "$SERVICE_PASSWORD" "$SERVICE_DOMAIN_NAME"
    get_or_add_user_project_role service "$1" "$SERVICE_PROJECT_NAME" "$SERVICE_DOMAIN_NAME" "$SERVICE_DOMAIN_NAME"
    [[ -z "$2" ]] || get_or_add_user_project_role "$2" "$1" "$SERVICE_PROJECT_NAME" "$SERVICE_DOMAIN_NAME" "$SERVICE_DOMAIN_NAME"
}
function get_or_create_service { # get_or_create_service NAME TYPE DESCRIPTION
    openstack service show "$2" -f value -c id 2>/dev/null || openstack service create "$2" --name "$1" --description "$3" -f value -c id
}
function get_or_create_endpoint { # get_or_create_endpoint SERVICE REGION PUBLIC [ADMIN [INTERNAL]]
    local interface url
    for interface in public admin internal; do
        case $interface in
            public) url=$3 ;;
            admin) url=$4 ;;
            *) url=$5 ;;
        esac
        [[ -n "$url" ]] || continue
        [[ -n "$(openstack endpoint list --service "$1" --interface "$interface" --region "$2" -f value -c ID)" ]] ||
            openstack endpoint create "$1" "$interface" "$url" --region "$2" -f value -c id
    done
}
function configure_keystone_authtoken_middleware { # configure_keystone_authtoken_middleware FILE USER [SECTION]
    local section=${3:-keystone_authtoken}
    iniset "$1" "$section" auth_type password
    iniset "$1" "$section" interface public
    iniset "$1" "$section" auth_url "$KEYSTONE_SERVICE_URI"
    iniset "$1" "$section" username "$2"
    iniset "$1" "$section" password "$SERVICE_PASSWORD"
    iniset "$1" "$section" user_domain_name "$SERVICE_DOMAIN_NAME"
    iniset "$1" "$section" project_name "$SERVICE_PROJECT_NAME"
    iniset "$1" "$section" project_domain_name "$SERVICE_DOMAIN_NAME"
    iniset "$1" "$section" www_authenticate_uri "$KEYSTONE_SERVICE_URI"
    iniset "$1" "$section" cafile "$SSL_BUNDLE_FILE"
    iniset "$1" "$section" memcached_servers "$MEMCACHE_SERVERS"
}
