using Cyborg.Hosting;

namespace Cyborg.Identity.Session;

/// <summary>The options of a section that say as whom a service logs in (upstream: keystoneauth1, "auth" options).</summary>
internal sealed class LoginSection(string section)
{
    private const string Password = "password";
    private const string ApplicationCredentialType = "v3applicationcredential";

    private readonly Option<string?> type = Options.OptionalString(
        section, "auth_type", "How the service logs in: password or v3applicationcredential; if not set, what the other options fit.");
    private readonly Option<string?> plugin = Options.OptionalString(section, "auth_plugin", "Old name of auth_type.");
    private readonly Option<string?> authSection = Options.OptionalString(
        section, "auth_section", "Another section of this file that has the options of the log-in.");
    private readonly Option<string?> authUrl = Options.OptionalString(section, "auth_url", "Address of Keystone, with or without /v3.");
    private readonly Option<string?> userName = Options.OptionalString(section, "username", "Name of the service's user.");
    private readonly Option<string?> oldUserName = Options.OptionalString(section, "user_name", "Old name of username.");
    private readonly Option<string?> userId = Options.OptionalString(section, "user_id", "Id of the service's user, in place of its name and domain.");
    private readonly Option<string> password = Options.Secret(section, "password", "", "Password of the service's user.");
    private readonly Option<string?> userDomainId = Options.OptionalString(section, "user_domain_id", "Id of the user's domain.");
    private readonly Option<string?> userDomainName = Options.OptionalString(section, "user_domain_name", "Name of the user's domain.");
    private readonly Option<string?> projectId = Options.OptionalString(section, "project_id", "Id of the project to act in, in place of its name and domain.");
    private readonly Option<string?> tenantId = Options.OptionalString(section, "tenant_id", "Old name of project_id.");
    private readonly Option<string?> projectName = Options.OptionalString(section, "project_name", "Name of the project to act in.");
    private readonly Option<string?> tenantName = Options.OptionalString(section, "tenant_name", "Old name of project_name.");
    private readonly Option<string?> projectDomainId = Options.OptionalString(section, "project_domain_id", "Id of the project's domain.");
    private readonly Option<string?> projectDomainName = Options.OptionalString(section, "project_domain_name", "Name of the project's domain.");
    private readonly Option<string?> domainId = Options.OptionalString(section, "domain_id", "Id of the domain to act in, in place of a project.");
    private readonly Option<string?> domainName = Options.OptionalString(section, "domain_name", "Name of the domain to act in, in place of a project.");
    private readonly Option<string?> defaultDomainId = Options.OptionalString(
        section, "default_domain_id", "Id of the domain of user and project where theirs is not set.");
    private readonly Option<string?> defaultDomainName = Options.OptionalString(
        section, "default_domain_name", "Name of the domain of user and project where theirs is not set.");
    private readonly Option<string?> systemScope = Options.OptionalString(section, "system_scope", "Write all to act in the whole system, in place of a project.");
    private readonly Option<string?> trustId = Options.OptionalString(section, "trust_id", "Not supported.");
    private readonly Option<string?> credentialId = Options.OptionalString(section, "application_credential_id", "Id of an application credential.");
    private readonly Option<string?> credentialName = Options.OptionalString(
        section, "application_credential_name", "Name of an application credential of the user, in place of its id.");
    private readonly Option<string> credentialSecret = Options.Secret(section, "application_credential_secret", "", "Secret of that application credential.");

    public IReadOnlyList<Option> All =>
    [
        type, plugin, authSection, authUrl, userName, oldUserName, userId, password, userDomainId, userDomainName, projectId, tenantId, projectName,
        tenantName, projectDomainId, projectDomainName, domainId, domainName, defaultDomainId, defaultDomainName, systemScope, trustId,
        credentialId, credentialName, credentialSecret,
    ];

    /// <summary>True if the section says how to log in, or means to.</summary>
    public bool IsConfigured(CyborgConfig config) => First(config, authUrl, type, plugin, authSection) is not null;

    /// <summary>The section that has the log-in: this one, or the one that it names.</summary>
    public LoginSection Follow(CyborgConfig config, List<string> faults)
    {
        if (config.Get(authSection) is not { } name || name == section)
            return this;
        var other = new LoginSection(name);
        if (First(config, other.authUrl, other.type, other.plugin) is null)
            faults.Add($"{config.Place(authSection)}: section [{Printable.Escape(name, 100)}] has no log-in; write auth_type and auth_url there");
        return other;
    }

    public Uri? ReadUrl(CyborgConfig config, List<string> faults)
    {
        if (config.Get(authUrl) is not { } text)
            faults.Add($"{config.Place(authUrl)}: is not set; write the address of Keystone, such as http://controller:5000");
        else if (Uri.TryCreate(text, UriKind.Absolute, out var address) && KeystoneSessionOptions.IsPlainHttp(address))
            return address;
        else
            faults.Add($"{config.Place(authUrl)}: is no http or https address without user and password; write http://controller:5000");
        return null;
    }

    public KeystoneCredential? ReadCredential(CyborgConfig config, List<string> faults)
    {
        if (config.Get(trustId) is not null)
            faults.Add($"{config.Place(trustId)}: trusts are not supported; write a user that has the role itself");
        var wanted = First(config, type, plugin) ?? (config.IsSet(credentialSecret) ? ApplicationCredentialType : Password);
        KeystoneCredential? credential = wanted switch
        {
            Password or "v3password" => ReadPassword(config),
            ApplicationCredentialType => ReadApplicationCredential(config),
            _ => null,
        };
        if (credential is null)
            faults.Add($"{config.Place(config.Get(type) is null ? plugin : type)}: '{Printable.Escape(wanted, 80)}' is not supported; write password or v3applicationcredential");
        else
            faults.AddRange(credential.Faults().Select(fault => $"{Place(config, fault.Option)}: {fault.Text}"));
        return credential;
    }

    private PasswordCredential ReadPassword(CyborgConfig config)
    {
        var (project, projectsName) = (First(config, projectId, tenantId), First(config, projectName, tenantName));
        var (usersDomain, usersDomainName) = Domain(config, userDomainId, userDomainName);
        var (projectsDomain, projectsDomainName) = Domain(config, projectDomainId, projectDomainName);
        return new PasswordCredential
        {
            Password = config.Get(password),
            UserId = config.Get(userId),
            UserName = First(config, userName, oldUserName),
            UserDomainId = usersDomain,
            UserDomainName = usersDomainName,
            ProjectId = project,
            ProjectName = projectsName,
            ProjectDomainId = projectsDomain,
            ProjectDomainName = projectsDomainName,
            DomainId = config.Get(domainId),
            DomainName = config.Get(domainName),
            SystemScope = config.Get(systemScope),
        };
    }

    private ApplicationCredential ReadApplicationCredential(CyborgConfig config)
    {
        var (domain, domainsName) = Domain(config, userDomainId, userDomainName);
        return new ApplicationCredential
        {
            Secret = config.Get(credentialSecret),
            Id = config.Get(credentialId),
            Name = config.Get(credentialName),
            UserId = config.Get(userId),
            UserName = First(config, userName, oldUserName),
            UserDomainId = domain,
            UserDomainName = domainsName,
        };
    }

    private (string? Id, string? Name) Domain(CyborgConfig config, Option<string?> id, Option<string?> name) =>
        First(config, id, name) is null
            ? (config.Get(defaultDomainId), config.Get(defaultDomainName))
            : (config.Get(id), config.Get(name));

    private string Place(CyborgConfig config, string name) =>
        All.FirstOrDefault(option => option.Name == name) is { } option ? config.Place(option) : $"[{section}] {name}";

    private static string? First(CyborgConfig config, params ReadOnlySpan<Option<string?>> options)
    {
        foreach (var option in options)
        {
            if (config.Get(option) is { } value)
                return value;
        }
        return null;
    }
}
