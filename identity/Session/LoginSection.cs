using Cyborg.Hosting;

namespace Cyborg.Identity.Session;

/// <summary>The options of a section that say as whom a service logs in (upstream: keystoneauth1, "auth" options).</summary>
internal sealed class LoginSection(string section)
{
    private const string Password = "password";
    private const string ApplicationCredentialType = "v3applicationcredential";

    private readonly Option<string?> _type = Options.OptionalString(
        section, "auth_type", "How the service logs in: password or v3applicationcredential; if not set, what the other options fit.");
    private readonly Option<string?> _plugin = Options.OptionalString(section, "auth_plugin", "Old name of auth_type.");
    private readonly Option<string?> _authSection = Options.OptionalString(
        section, "auth_section", "Another section of this file that has the options of the log-in.");
    private readonly Option<string?> _authUrl = Options.OptionalString(section, "auth_url", "Address of Keystone, with or without /v3.");
    private readonly Option<string?> _userName = Options.OptionalString(section, "username", "Name of the service's user.");
    private readonly Option<string?> _oldUserName = Options.OptionalString(section, "user_name", "Old name of username.");
    private readonly Option<string?> _userId = Options.OptionalString(section, "user_id", "Id of the service's user, in place of its name and domain.");
    private readonly Option<string> _password = Options.Secret(section, "password", "", "Password of the service's user.");
    private readonly Option<string?> _userDomainId = Options.OptionalString(section, "user_domain_id", "Id of the user's domain.");
    private readonly Option<string?> _userDomainName = Options.OptionalString(section, "user_domain_name", "Name of the user's domain.");
    private readonly Option<string?> _projectId = Options.OptionalString(section, "project_id", "Id of the project to act in, in place of its name and domain.");
    private readonly Option<string?> _tenantId = Options.OptionalString(section, "tenant_id", "Old name of project_id.");
    private readonly Option<string?> _projectName = Options.OptionalString(section, "project_name", "Name of the project to act in.");
    private readonly Option<string?> _tenantName = Options.OptionalString(section, "tenant_name", "Old name of project_name.");
    private readonly Option<string?> _projectDomainId = Options.OptionalString(section, "project_domain_id", "Id of the project's domain.");
    private readonly Option<string?> _projectDomainName = Options.OptionalString(section, "project_domain_name", "Name of the project's domain.");
    private readonly Option<string?> _domainId = Options.OptionalString(section, "domain_id", "Id of the domain to act in, in place of a project.");
    private readonly Option<string?> _domainName = Options.OptionalString(section, "domain_name", "Name of the domain to act in, in place of a project.");
    private readonly Option<string?> _defaultDomainId = Options.OptionalString(
        section, "default_domain_id", "Id of the domain of user and project where theirs is not set.");
    private readonly Option<string?> _defaultDomainName = Options.OptionalString(
        section, "default_domain_name", "Name of the domain of user and project where theirs is not set.");
    private readonly Option<string?> _systemScope = Options.OptionalString(section, "system_scope", "Write all to act in the whole system, in place of a project.");
    private readonly Option<string?> _trustId = Options.OptionalString(section, "trust_id", "Not supported.");
    private readonly Option<string?> _credentialId = Options.OptionalString(section, "application_credential_id", "Id of an application credential.");
    private readonly Option<string?> _credentialName = Options.OptionalString(
        section, "application_credential_name", "Name of an application credential of the user, in place of its id.");
    private readonly Option<string> _credentialSecret = Options.Secret(section, "application_credential_secret", "", "Secret of that application credential.");

    public IReadOnlyList<Option> All =>
    [
        _type, _plugin, _authSection, _authUrl, _userName, _oldUserName, _userId, _password, _userDomainId, _userDomainName, _projectId, _tenantId, _projectName,
        _tenantName, _projectDomainId, _projectDomainName, _domainId, _domainName, _defaultDomainId, _defaultDomainName, _systemScope, _trustId,
        _credentialId, _credentialName, _credentialSecret,
    ];

    /// <summary>True if the section says how to log in, or means to.</summary>
    public bool IsConfigured(CyborgConfig config) => First(config, _authUrl, _type, _plugin, _authSection) is not null;

    /// <summary>The section that has the log-in: this one, or the one that it names.</summary>
    public LoginSection Follow(CyborgConfig config, List<string> faults)
    {
        if (config.Get(_authSection) is not { } name || name == section)
            return this;
        var other = new LoginSection(name);
        if (First(config, other._authUrl, other._type, other._plugin) is null)
            faults.Add($"{config.Place(_authSection)}: section [{Printable.Escape(name, 100)}] has no log-in; write auth_type and auth_url there");
        return other;
    }

    public Uri? ReadUrl(CyborgConfig config, List<string> faults)
    {
        if (config.Get(_authUrl) is not { } text)
            faults.Add($"{config.Place(_authUrl)}: is not set; write the address of Keystone, such as http://controller:5000");
        else if (Uri.TryCreate(text, UriKind.Absolute, out var address) && KeystoneSessionOptions.IsPlainHttp(address))
            return address;
        else
            faults.Add($"{config.Place(_authUrl)}: is no http or https address without user and password; write http://controller:5000");
        return null;
    }

    public KeystoneCredential? ReadCredential(CyborgConfig config, List<string> faults)
    {
        if (config.Get(_trustId) is not null)
            faults.Add($"{config.Place(_trustId)}: trusts are not supported; write a user that has the role itself");
        var wanted = First(config, _type, _plugin) ?? (config.IsSet(_credentialSecret) ? ApplicationCredentialType : Password);
        KeystoneCredential? credential = wanted switch
        {
            Password or "v3password" => ReadPassword(config),
            ApplicationCredentialType => ReadApplicationCredential(config),
            _ => null,
        };
        if (credential is null)
            faults.Add($"{config.Place(config.Get(_type) is null ? _plugin : _type)}: '{Printable.Escape(wanted, 80)}' is not supported; write password or v3applicationcredential");
        else
            faults.AddRange(credential.Faults().Select(fault => $"{Place(config, fault.Option)}: {fault.Text}"));
        return credential;
    }

    private PasswordCredential ReadPassword(CyborgConfig config)
    {
        var (project, projectsName) = (First(config, _projectId, _tenantId), First(config, _projectName, _tenantName));
        var (usersDomain, usersDomainName) = Domain(config, _userDomainId, _userDomainName);
        var (projectsDomain, projectsDomainName) = Domain(config, _projectDomainId, _projectDomainName);
        return new PasswordCredential
        {
            Password = config.Get(_password),
            UserId = config.Get(_userId),
            UserName = First(config, _userName, _oldUserName),
            UserDomainId = usersDomain,
            UserDomainName = usersDomainName,
            ProjectId = project,
            ProjectName = projectsName,
            ProjectDomainId = projectsDomain,
            ProjectDomainName = projectsDomainName,
            DomainId = config.Get(_domainId),
            DomainName = config.Get(_domainName),
            SystemScope = config.Get(_systemScope),
        };
    }

    private ApplicationCredential ReadApplicationCredential(CyborgConfig config)
    {
        var (domain, domainsName) = Domain(config, _userDomainId, _userDomainName);
        return new ApplicationCredential
        {
            Secret = config.Get(_credentialSecret),
            Id = config.Get(_credentialId),
            Name = config.Get(_credentialName),
            UserId = config.Get(_userId),
            UserName = First(config, _userName, _oldUserName),
            UserDomainId = domain,
            UserDomainName = domainsName,
        };
    }

    private (string? Id, string? Name) Domain(CyborgConfig config, Option<string?> id, Option<string?> name) =>
        First(config, id, name) is null
            ? (config.Get(_defaultDomainId), config.Get(_defaultDomainName))
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
