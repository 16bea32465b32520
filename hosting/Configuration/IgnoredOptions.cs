namespace Cyborg.Hosting;

/// <summary>Why an option has no effect.</summary>
internal enum IgnoredKind
{
    /// <summary>Upstream reads it; here it is taken for the sake of older files, and something else does its work.</summary>
    Accepted,

    /// <summary>Nobody reads it, upstream neither.</summary>
    Dead,
}

/// <summary>An option of upstream's files that this service knows and does not read.</summary>
/// <param name="Section">Its section; <c>*</c> for any.</param>
/// <param name="Name">Its key; <c>*</c> for all of the section.</param>
/// <param name="Kind">Why.</param>
/// <param name="Reason">What does its work here, or that there is none; a clause.</param>
internal sealed record IgnoredOption(string Section, string Name, IgnoredKind Kind, string Reason)
{
    /// <summary>The predicate of a sentence about it.</summary>
    public string Why => Kind == IgnoredKind.Dead ? $"is read by nobody: {Reason}" : $"has no effect: {Reason}";
}

/// <summary>Upstream's options that have no effect here, each with its reason, so that an operator's file from an upstream deployment gives no false warning
/// (upstream: cyborg/conf, quota.py, and the options of oslo.log, oslo.db, oslo.messaging, oslo.service, oslo.middleware, oslo.policy and
/// keystonemiddleware). What a service reads by now counts as read, whatever this table says.</summary>
internal static class IgnoredOptions
{
    private const string Log = "the log goes to standard error, where systemd's journal takes and keeps it";
    private const string LogForm = "log lines have one form";
    private const string LogLevel = "[DEFAULT] debug is the level of the log";
    private const string Bus = "the bus is NATS; [DEFAULT] transport_url and [nats] say how it is reached";
    private const string Pool = "connections are pooled, and broken ones tried again, by this service's own rules";
    private const string NoMysql = "there is no MySQL here";
    private const string Workers = "one process serves many requests at a time";
    private const string Process = "a service is one process, and systemd looks after it";
    private const string Quota = "there are no quotas, and upstream never imports the module that declares it";
    private const string Devstack = "devstack writes it, and no service has ever read it";
    private const string Package = "programs and their files have fixed places";
    private const string Privileges = "the agent does what it needs with the rights that its unit gives it, without a helper as root";
    private const string Vendor = "there is no driver for it here; the generic driver's pci backend offers such cards";

    /// <summary>All of them, by section.</summary>
    public static IReadOnlyList<IgnoredOption> All { get; } =
    [
        .. Accepted("DEFAULT", Log,
            "log_file", "logfile", "log_dir", "logdir", "log-file", "log-dir", "watch_log_file", "use_syslog", "use_journal", "use_eventlog", "use_stderr",
            "syslog_log_facility", "log_rotate_interval", "log_rotate_interval_type", "log_rotation_type", "max_logfile_count", "max_logfile_size_mb"),
        .. Accepted("DEFAULT", LogForm,
            "log_color", "log_date_format", "logging_context_format_string", "logging_default_format_string", "logging_debug_format_suffix",
            "logging_exception_prefix", "logging_user_identity_format", "instance_format", "instance_uuid_format"),
        .. Accepted("DEFAULT", LogLevel,
            "default_log_levels", "log_config_append", "log_config", "log-config-append", "publish_errors", "rate_limit_interval", "rate_limit_burst",
            "rate_limit_except_level", "fatal_deprecations"),
        .. Accepted("DEFAULT", Bus,
            "control_exchange", "rpc_conn_pool_size", "conn_pool_min_size", "conn_pool_ttl", "executor_thread_pool_size", "rpc_thread_pool_size", "rpc_ping_enabled"),
        .. Accepted("DEFAULT", Process,
            "backdoor_port", "backdoor_socket", "log_options", "graceful_shutdown_timeout", "run_external_periodic_tasks"),
        .. Accepted("DEFAULT", Workers,
            "thread_pool_size", "wsgi_log_format", "tcp_keepidle", "wsgi_default_pool_size", "wsgi_keep_alive", "wsgi_server_debug", "client_socket_timeout",
            "max_header_line", "api_paste_config"),
        .. Accepted("DEFAULT", Package, "pybasedir", "bindir"),
        .. Accepted("DEFAULT", "errors have fixed texts", "fatal_exception_format_errors"),
        .. Dead("DEFAULT", Quota, "reservation_expire", "until_refresh", "max_age", "quota_driver", "quota_fpgas", "quota_gpus"),
        .. Dead("DEFAULT", Devstack, "auth_strategy", "rpc_backend", "verbose"),
        .. Accepted("api", "the API's layers are fixed; [api], [cors], [healthcheck] and [oslo_middleware] tune them", "api_paste_config"),
        .. Dead("api", Devstack, "ramdisk_heartbeat_timeout"),
        .. Accepted("conductor", "how many calls a conductor works on says [conductor] rpc_workers", "workers"),
        .. Dead("conductor", Devstack, "automated_clean"),
        .. Accepted("database", NoMysql, "mysql_engine", "mysql_sql_mode", "mysql_wsrep_sync_wait", "mysql_enable_ndb"),
        .. Accepted("database", "the database is the one of [database] connection, and reads go there, too",
            "backend", "slave_connection", "asyncio_connection", "asyncio_slave_connection"),
        .. Accepted("database", Pool,
            "connection_recycle_time", "max_pool_size", "min_pool_size", "max_overflow", "pool_timeout", "max_retries", "retry_interval", "use_db_reconnect",
            "db_retry_interval", "db_inc_retry_interval", "db_max_retry_interval", "db_max_retries", "idle_timeout", "use_tpool"),
        .. Accepted("database", "arguments of a connection stand in the URL", "connection_parameters", "sqlite_synchronous"),
        .. Accepted("database", LogLevel, "connection_debug", "connection_trace"),
        .. Accepted("gpu_devices", Vendor, "filter_sriov_vfs"),
        .. Accepted("nic_devices", Vendor, "enabled_nic_types"),
        .. Accepted("*", Vendor, "physical_device_mappings", "function_device_mappings"),
        .. Accepted("glance", "it is an old name of insecure", "api_insecure"),
        .. Accepted("ssl", "the API asks its clients for no certificates, and the machine says which protocols and ciphers it takes", "ca_file", "version", "ciphers"),
        .. Accepted("service_user", "images are read by the agent's own log-in of [glance], and no caller's token is passed on", "*"),
        .. Accepted("oslo_messaging_rabbit", Bus, "*"),
        .. Accepted("oslo_messaging_amqp", Bus, "*"),
        .. Accepted("oslo_messaging_kafka", Bus, "*"),
        .. Accepted("oslo_messaging_metrics", Bus, "*"),
        .. Accepted("oslo_messaging_notifications", "notifications go out on the bus, under cyborg.notification", "*"),
        .. Accepted("oslo_concurrency", "locks between processes are rows of the database; an agent's files are in [DEFAULT] state_path", "*"),
        .. Accepted("oslo_reports", "the doctor verb of each service tells how it is", "*"),
        .. Accepted("oslo_versionedobjects", Bus, "*"),
        .. Accepted("profiler", "upstream's pipeline does not have the profiler either", "*"),
        .. Accepted("cyborg_sys_admin", Privileges, "*"),
        .. Accepted("privsep", Privileges, "*"),
        .. Accepted("oslo_middleware", "the bound of a body is [api] max_body_size", "max_request_body_size"),
        .. Accepted("oslo_middleware", "a proxy is believed by enable_proxy_headers_parsing", "secure_proxy_ssl_header", "http_basic_auth_user_file"),
        .. Accepted("cors", "all methods and headers are allowed, and those of the API are shown", "allow_methods", "allow_headers", "expose_headers"),
        .. Accepted("healthcheck", "the check answers unless a file of disable_by_file_path says otherwise", "enable_by_file_paths"),
        .. Accepted("oslo_policy", "a token's scope always counts", "enforce_scope"),
        .. Accepted("oslo_policy", "a rule is asked once for each request", "check_rule_cache"),
        .. Dead("service_catalog", Devstack, "*"),
        .. Dead("keystone", Devstack, "*"),
        .. Dead("image", "upstream's code asks for a group that does not exist", "*"),
        .. Dead("service_token", "the section is called [service_user]", "*"),
        .. Dead("quota", "upstream's quota options stand in [DEFAULT], and nobody imports them", "*"),
    ];

    private static readonly Dictionary<(string, string), IgnoredOption> ByName = All.ToDictionary(option => (option.Section, option.Name));

    /// <summary>The option's entry; null if it has none.</summary>
    public static IgnoredOption? Find(string section, string name) =>
        ByName.GetValueOrDefault((section, name)) ?? ByName.GetValueOrDefault((section, "*")) ?? ByName.GetValueOrDefault(("*", name));

    private static IEnumerable<IgnoredOption> Accepted(string section, string reason, params string[] names) =>
        names.Select(name => new IgnoredOption(section, name, IgnoredKind.Accepted, reason));

    private static IEnumerable<IgnoredOption> Dead(string section, string reason, params string[] names) =>
        names.Select(name => new IgnoredOption(section, name, IgnoredKind.Dead, reason));
}
