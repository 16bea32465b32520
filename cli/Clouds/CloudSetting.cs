namespace Cyborg.Cli;

/// <summary>One thing that says which cloud is meant and as whom. It has one name in three spellings: <c>project_name</c> in clouds.yaml, <c>OS_PROJECT_NAME</c>,
/// <c>--os-project-name</c>.</summary>
/// <param name="Key">Its name in clouds.yaml, below <c>auth</c> or beside it: both are read.</param>
/// <param name="Help">What it is; null for one without a flag.</param>
internal sealed record CloudSetting(string Key, string? Help)
{
    /// <summary>Old and other names of the same.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>True for those that <c>--help</c> of every verb shows; doc/cli.md has the others.</summary>
    public bool Common { get; init; }

    /// <summary>True if its flag stands alone.</summary>
    public bool IsSwitch { get; init; }

    /// <summary>The variable of a name.</summary>
    public static string Variable(string key) => "OS_" + key.ToUpperInvariant();

    /// <summary>The flag of a name.</summary>
    public static string Flag(string key) => key == CloudSettings.Insecure ? "--insecure" : "--os-" + key.Replace('_', '-');

    /// <summary>The variable's value, or that of one of its other names.</summary>
    public string? ReadVariable(Func<string, string?> variable) =>
        Aliases.Prepend(Key).Select(key => variable(Variable(key))).FirstOrDefault(value => value is not null);
}

/// <summary>All of them.</summary>
internal static class CloudSettings
{
    /// <summary>Names that the code asks for.</summary>
    public const string Insecure = "insecure", AuthType = "auth_type", AuthUrl = "auth_url", Endpoint = "endpoint", Region = "region_name",
        Interface = "interface", Token = "token", CredentialSecret = "application_credential_secret", CaCert = "cacert", Cert = "cert", Key = "key",
        Verify = "verify", ServiceType = "accelerator_service_type", ServiceName = "accelerator_service_name", DefaultDomainId = "default_domain_id",
        DefaultDomainName = "default_domain_name";

    /// <summary>In the order of the documentation.</summary>
    public static IReadOnlyList<CloudSetting> All { get; } =
    [
        new(AuthType, "How to log in: password, token, v3applicationcredential, admin_token, or none.") { Common = true },
        new(AuthUrl, "Address of Keystone, with or without /v3.") { Common = true },
        new(Endpoint, "Address of Cyborg, whatever the catalog says; alone, for a Cyborg without Keystone.")
        {
            Common = true,
            Aliases = ["endpoint_override", "accelerator_endpoint_override"],
        },
        new(Region, "Region of the endpoint.") { Common = true },
        new(Interface, "Interface of the endpoint: public, internal or admin.") { Aliases = ["endpoint_type", "accelerator_interface"] },
        new("username", "The user's name.") { Common = true, Aliases = ["user_name"] },
        new("user_id", "The user's id."),
        new("password", "The password; better in OS_PASSWORD or secure.yaml: others on the machine see command lines.") { Common = true },
        new("user_domain_name", "Name of the user's domain."),
        new("user_domain_id", "Id of the user's domain."),
        new("project_name", "Name of the project to act in.") { Common = true, Aliases = ["tenant_name"] },
        new("project_id", "Id of the project to act in.") { Aliases = ["tenant_id"] },
        new("project_domain_name", "Name of the project's domain."),
        new("project_domain_id", "Id of the project's domain."),
        new("domain_name", "Name of the domain to act in, in place of a project."),
        new("domain_id", "Id of the domain to act in."),
        new(DefaultDomainName, "Name of the domain of user and project where theirs is not set."),
        new(DefaultDomainId, "Id of that domain.") { Aliases = ["default_domain"] },
        new("system_scope", "Write all to act in the whole system."),
        new(Token, "A token that is there already; better in OS_TOKEN.") { Aliases = ["auth_token"] },
        new("application_credential_id", "Id of an application credential."),
        new("application_credential_name", "Name of an application credential of the user."),
        new(CredentialSecret, "Its secret; better in OS_APPLICATION_CREDENTIAL_SECRET or secure.yaml."),
        new(CaCert, "Certificates, PEM, that a server's must lead to."),
        new(Cert, "Certificate, PEM, with which this program shows itself."),
        new(Key, "Its private key, PEM."),
        new(Insecure, "Believe any server's certificate. Whoever is between reads the password.") { IsSwitch = true },
        new(Verify, null),
        new(ServiceType, null),
        new(ServiceName, null),
    ];

    /// <summary>Those that choose among clouds or regions, and make no cloud by themselves (openstacksdk: the selectors).</summary>
    public static bool IsSelector(CloudSetting setting) => setting.Key == Region;
}
