using Cyborg.Hosting;
using Cyborg.Identity.Policy;

namespace Cyborg.Api;

/// <summary>Where an operator's policy is: <c>[oslo_policy]</c>, with oslo.policy's names.</summary>
public static class PolicyOptions
{
    private const string Section = "oslo_policy";
    private const string FormType = "application/x-www-form-urlencoded";
    private const string JsonType = "application/json";

    /// <summary><c>[oslo_policy] enforce_new_defaults</c>.</summary>
    public static readonly Option<bool> EnforceNewDefaultsOption = Options.Boolean(
        Section, "enforce_new_defaults", false, "Apply the new default policies alone, without the deprecated ones beside them.");

    /// <summary><c>[oslo_policy] policy_file</c>.</summary>
    public static readonly Option<string> FileOption = Options.String(
        Section, "policy_file", "policy.yaml", "Rules that override the defaults: a path, or a name beside the configuration file or in /etc/cyborg.");

    /// <summary><c>[oslo_policy] policy_dirs</c>.</summary>
    public static readonly Option<IReadOnlyList<string>> FoldersOption = Options.Multi(
        Section, "policy_dirs", ["policy.d"], "Folders whose files override policy_file, by name; looked up as it is.");

    /// <summary><c>[oslo_policy] policy_default_rule</c>.</summary>
    public static readonly Option<string> DefaultRuleOption = Options.String(
        Section, "policy_default_rule", "default", "Rule that stands for one that is referred to and does not exist.");

    /// <summary><c>[oslo_policy] remote_content_type</c>.</summary>
    public static readonly Option<string> RemoteTypeOption = Options.Choice(
        Section, "remote_content_type", FormType, [FormType, JsonType], "How http: and https: checks send their question.");

    /// <summary><c>[oslo_policy] remote_timeout</c>.</summary>
    public static readonly Option<double> RemoteTimeoutOption = Options.Number(
        Section, "remote_timeout", 60, "Seconds that an http: or https: check waits for its answer; later is no.", min: 0.1);

    /// <summary><c>[oslo_policy] remote_ssl_verify_server_crt</c>.</summary>
    public static readonly Option<bool> RemoteVerifyOption = Options.Boolean(
        Section, "remote_ssl_verify_server_crt", true, "The server of an https: check has to prove who it is.");

    /// <summary><c>[oslo_policy] remote_ssl_ca_crt_file</c>.</summary>
    public static readonly Option<string?> RemoteCaOption = Options.OptionalString(
        Section, "remote_ssl_ca_crt_file", "Authorities that certificates of https: checks' servers must come from, PEM; the system's if not set.");

    /// <summary><c>[oslo_policy] remote_ssl_client_crt_file</c>.</summary>
    public static readonly Option<string?> RemoteCertificateOption = Options.OptionalString(
        Section, "remote_ssl_client_crt_file", "Certificate that https: checks show, PEM.");

    /// <summary><c>[oslo_policy] remote_ssl_client_key_file</c>.</summary>
    public static readonly Option<string?> RemoteKeyOption = Options.OptionalString(
        Section, "remote_ssl_client_key_file", "Its key, PEM; in the certificate's file if not set.");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } =
    [
        EnforceNewDefaultsOption, FileOption, FoldersOption, DefaultRuleOption, RemoteTypeOption, RemoteTimeoutOption, RemoteVerifyOption,
        RemoteCaOption, RemoteCertificateOption, RemoteKeyOption,
    ];

    /// <summary>Reads them.</summary>
    public static PolicySource From(CyborgConfig config) => new()
    {
        File = config.Get(FileOption),
        Folders = config.Get(FoldersOption),
        SearchFolders = [.. config.Folders, "/etc/cyborg"],
        DefaultRule = config.Get(DefaultRuleOption),
        EnforceNewDefaults = config.Get(EnforceNewDefaultsOption),
        Remote = new RemoteCheckOptions
        {
            AsJson = config.Get(RemoteTypeOption) == JsonType,
            Timeout = TimeSpan.FromSeconds(config.Get(RemoteTimeoutOption)),
            VerifyServer = config.Get(RemoteVerifyOption),
            CaFile = config.Get(RemoteCaOption),
            ClientCertificateFile = config.Get(RemoteCertificateOption),
            ClientKeyFile = config.Get(RemoteKeyOption),
        },
    };
}
