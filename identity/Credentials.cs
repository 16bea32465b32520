using System.Security.Claims;

namespace Cyborg.Identity;

/// <summary>What policy sees of a caller (upstream: cyborg/context.py on oslo.context). Made by an authentication handler only.</summary>
public sealed record Credentials
{
    /// <summary>Nobody: no user, no project, no role. Every rule that asks for something denies it.</summary>
    public static Credentials Nobody { get; } = new();

    /// <summary>The user's id.</summary>
    public string? UserId { get; init; }
    /// <summary>The project that the token is for; null if it is for none.</summary>
    public string? ProjectId { get; init; }
    /// <summary>The domain of the user.</summary>
    public string? UserDomainId { get; init; }
    /// <summary>The domain of the project.</summary>
    public string? ProjectDomainId { get; init; }
    /// <summary>The domain that the token is for; null if it is for none.</summary>
    public string? DomainId { get; init; }
    /// <summary><c>all</c> for a token of the whole system; else null.</summary>
    public string? SystemScope { get; init; }
    /// <summary>Roles of the user on what the token is for.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];
    /// <summary>Roles of the service that passes the user's call on; empty without a service token.</summary>
    public IReadOnlyList<string> ServiceRoles { get; init; } = [];
    /// <summary>The service's user; null without a service token.</summary>
    public string? ServiceUserId { get; init; }
    /// <summary>The domain of the service's user.</summary>
    public string? ServiceUserDomainId { get; init; }
    /// <summary>The project of the service token.</summary>
    public string? ServiceProjectId { get; init; }
    /// <summary>The domain of the service token's project.</summary>
    public string? ServiceProjectDomainId { get; init; }
    /// <summary>True unless Keystone says that the project is not the admin project.</summary>
    public bool IsAdminProject { get; init; } = true;
    /// <summary>True if the authentication handler found an accepted role among <see cref="ServiceRoles"/>.</summary>
    public bool IsService { get; init; }

    /// <summary>True with the role <c>admin</c>, exactly so: unlike a policy's <c>role:</c>, upstream compares it in its case.</summary>
    public bool IsAdmin => Roles.Contains("admin", StringComparer.Ordinal);

    /// <summary>Reads what <see cref="ToPrincipal"/> wrote; a principal without our claims is <see cref="Nobody"/>.</summary>
    /// <param name="principal">The request's user.</param>
    public static Credentials From(ClaimsPrincipal principal) => principal is CredentialsPrincipal own ? own.Credentials : CredentialClaims.Read(principal);

    /// <summary>The credentials as the user of an ASP.NET request.</summary>
    /// <param name="scheme">The authentication scheme that vouches for them.</param>
    public ClaimsPrincipal ToPrincipal(string scheme) => new CredentialsPrincipal(this, scheme);

    /// <summary>The names under which a policy's checks find them (contract of oslo.context: <c>to_policy_values</c>, and
    /// <c>system</c>, which oslo.policy adds for old rules).</summary>
    internal IReadOnlyDictionary<string, object?> ToPolicyValues()
    {
        var values = new Dictionary<string, object?>
        {
            ["user_id"] = UserId,
            ["user_domain_id"] = UserDomainId,
            ["system_scope"] = SystemScope,
            ["domain_id"] = DomainId,
            ["project_id"] = ProjectId,
            ["project_domain_id"] = ProjectDomainId,
            ["roles"] = Roles,
            ["is_admin_project"] = IsAdminProject,
            ["service_user_id"] = ServiceUserId,
            ["service_user_domain_id"] = ServiceUserDomainId,
            ["service_project_id"] = ServiceProjectId,
            ["service_project_domain_id"] = ServiceProjectDomainId,
            ["service_roles"] = ServiceRoles,
            ["is_admin"] = IsAdmin,
        };
        if (!string.IsNullOrEmpty(SystemScope))
            values["system"] = SystemScope;
        return values;
    }
}

/// <summary>A user who has its credentials at hand, so that nobody needs to put them together from claims again. For any number of requests at once: nobody
/// changes it.</summary>
internal sealed class CredentialsPrincipal(Credentials credentials, string scheme)
    : ClaimsPrincipal(new ClaimsIdentity(CredentialClaims.Write(credentials), scheme))
{
    public Credentials Credentials { get; } = credentials;
}
