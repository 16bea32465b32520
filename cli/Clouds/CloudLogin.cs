using System.Globalization;
using System.Security.Cryptography;
using Cyborg.Hosting;
using Cyborg.Identity.Session;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Cli;

/// <summary>Makes of a cloud's settings a session with its services. Secrets are in no message.</summary>
internal static class CloudLogin
{
    private const string Password = "password";
    private const string TokenType = "token";
    private const string ApplicationCredentialType = "v3applicationcredential";
    private const string None = "none";
    private const string AdminToken = "admin_token";

    /// <summary>A session that has not logged in yet.</summary>
    /// <param name="cloud">The cloud.</param>
    /// <param name="surroundings">Where relative paths begin.</param>
    /// <param name="patience">Longest time for one call.</param>
    /// <exception cref="CliFault">Something is missing or wrong.</exception>
    public static KeystoneSession Open(Cloud cloud, Surroundings surroundings, TimeSpan patience)
    {
        var options = Options(cloud, surroundings, patience);
        try
        {
            return new KeystoneSession(options, NullLoggerFactory.Instance, surroundings.Time);
        }
        catch (ArgumentException fault)
        {
            // Its text names settings and never shows their values.
            throw CliFault.Usage($"{cloud.Origin}: {fault.Message.Split(" (Parameter", 2)[0].TrimEnd('.')}");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw CliFault.Usage($"{cloud.Origin}: cacert, cert and key have to be PEM files of certificates and their key ({fault.GetType().Name})");
        }
    }

    /// <summary>The options of that session.</summary>
    /// <exception cref="CliFault">As <see cref="Open"/>.</exception>
    public static KeystoneSessionOptions Options(Cloud cloud, Surroundings surroundings, TimeSpan patience)
    {
        var endpoint = Address(cloud, CloudSettings.Endpoint);
        var credential = Credential(cloud);
        return new KeystoneSessionOptions
        {
            AuthUrl = credential is NoLogin ? Needed(cloud, endpoint) : KeystoneAddress(cloud),
            Credential = credential,
            EndpointOverride = endpoint,
            DropEndpointVersion = true,
            ServiceType = cloud[CloudSettings.ServiceType],
            ServiceName = cloud[CloudSettings.ServiceName],
            Region = cloud[CloudSettings.Region],
            Interfaces = Interfaces(cloud),
            CaFile = File(cloud, CloudSettings.CaCert, surroundings),
            CertFile = File(cloud, CloudSettings.Cert, surroundings),
            KeyFile = File(cloud, CloudSettings.Key, surroundings),
            Insecure = Flag(cloud, CloudSettings.Insecure) == true || Flag(cloud, CloudSettings.Verify) == false,
            Timeout = patience,
            // A person is told at once, and asks again.
            Retries = 0,
            StatusRetries = 0,
        };
    }

    /// <summary>How to log in: as it is said, else what the other settings fit.</summary>
    private static KeystoneCredential Credential(Cloud cloud) => Type(cloud) switch
    {
        Password or "v3password" => PasswordOf(cloud),
        TokenType or "v3token" => TokenOf(cloud),
        ApplicationCredentialType or "application_credential" => ApplicationCredentialOf(cloud),
        None or "noauth" => new NoLogin(),
        AdminToken or "token_endpoint" => new NoLogin { Token = cloud[CloudSettings.Token] ?? throw Missing(cloud, CloudSettings.Token) },
        var other => throw CliFault.Usage(
            $"{cloud.Origin}: auth_type {Printable.Escape(other, 80)} is not known; write {Password}, {TokenType}, {ApplicationCredentialType}, {AdminToken} or {None}"),
    };

    private static string Type(Cloud cloud)
    {
        if (cloud[CloudSettings.AuthType] is { } told)
            return told;
        if (cloud[CloudSettings.CredentialSecret] is not null)
            return ApplicationCredentialType;
        if (cloud[CloudSettings.AuthUrl] is null && cloud[CloudSettings.Endpoint] is not null)
            return cloud[CloudSettings.Token] is null ? None : AdminToken;
        return cloud[CloudSettings.Token] is not null && cloud["password"] is null ? TokenType : Password;
    }

    private static PasswordCredential PasswordOf(Cloud cloud)
    {
        var (user, project) = (Domain(cloud, "user"), Domain(cloud, "project"));
        return new PasswordCredential
        {
            Password = cloud["password"] ?? throw Missing(cloud, "password"),
            UserId = cloud["user_id"],
            UserName = cloud["username"],
            UserDomainId = user.Id,
            UserDomainName = user.Name,
            ProjectId = cloud["project_id"],
            ProjectName = cloud["project_name"],
            ProjectDomainId = project.Id,
            ProjectDomainName = project.Name,
            DomainId = cloud["domain_id"],
            DomainName = cloud["domain_name"],
            SystemScope = cloud["system_scope"],
        };
    }

    private static TokenCredential TokenOf(Cloud cloud)
    {
        var project = Domain(cloud, "project");
        return new TokenCredential
        {
            Token = cloud[CloudSettings.Token] ?? throw Missing(cloud, CloudSettings.Token),
            ProjectId = cloud["project_id"],
            ProjectName = cloud["project_name"],
            ProjectDomainId = project.Id,
            ProjectDomainName = project.Name,
            DomainId = cloud["domain_id"],
            DomainName = cloud["domain_name"],
            SystemScope = cloud["system_scope"],
        };
    }

    private static ApplicationCredential ApplicationCredentialOf(Cloud cloud)
    {
        var user = Domain(cloud, "user");
        return new ApplicationCredential
        {
            Secret = cloud[CloudSettings.CredentialSecret] ?? throw Missing(cloud, CloudSettings.CredentialSecret),
            Id = cloud["application_credential_id"],
            Name = cloud["application_credential_name"],
            UserId = cloud["user_id"],
            UserName = cloud["username"],
            UserDomainId = user.Id,
            UserDomainName = user.Name,
        };
    }

    // Theirs by id or name, else the default's; with neither the one that every cloud has, as openstack's own client takes it.
    private static (string? Id, string? Name) Domain(Cloud cloud, string of)
    {
        var (id, name) = (cloud[of + "_domain_id"], cloud[of + "_domain_name"]);
        if (id is not null || name is not null)
            return (id, name);
        var (defaultId, defaultName) = (cloud[CloudSettings.DefaultDomainId], cloud[CloudSettings.DefaultDomainName]);
        return defaultId is null && defaultName is null ? ("default", null) : (defaultId, defaultName);
    }

    private static Uri KeystoneAddress(Cloud cloud) => Address(cloud, CloudSettings.AuthUrl) ?? throw Missing(cloud, CloudSettings.AuthUrl);

    private static Uri Needed(Cloud cloud, Uri? endpoint) => endpoint ?? throw Missing(cloud, CloudSettings.Endpoint);

    private static Uri? Address(Cloud cloud, string key)
    {
        if (cloud[key] is not { } text)
            return null;
        // The text itself is not shown: it may hold a password.
        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.UserInfo.Length == 0
            ? address
            : throw CliFault.Usage($"{cloud.Origin}: {key} is no http or https address without user and password; write one such as http://controller:5000");
    }

    private static List<string> Interfaces(Cloud cloud)
    {
        var names = (cloud[CloudSettings.Interface] ?? "public").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var plain = names.Select(name => name.EndsWith("URL", StringComparison.Ordinal) ? name[..^3] : name).ToList();
        return plain.Count > 0 && plain.TrueForAll(name => name is "public" or "internal" or "admin")
            ? plain
            : throw CliFault.Usage($"{cloud.Origin}: interface {Printable.Escape(cloud[CloudSettings.Interface]!, 80)} is not known; write public, internal or admin");
    }

    private static string? File(Cloud cloud, string key, Surroundings surroundings) => cloud[key] is { } path ? surroundings.FullPath(path) : null;

    private static bool? Flag(Cloud cloud, string key) => cloud[key]?.ToLowerInvariant() switch
    {
        null => null,
        "true" or "yes" or "on" or "1" => true,
        "false" or "no" or "off" or "0" => false,
        _ => throw CliFault.Usage($"{cloud.Origin}: {key} takes true or false"),
    };

    private static CliFault Missing(Cloud cloud, string key) => CliFault.Usage(string.Create(
        CultureInfo.InvariantCulture, $"{cloud.Origin}: {key} is not set; write it there, or set {CloudSetting.Variable(key)} or {CloudSetting.Flag(key)}"));
}
