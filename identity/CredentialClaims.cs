using System.Security.Claims;

namespace Cyborg.Identity;

/// <summary>Credentials as claims: the one place that knows their claim types.</summary>
internal static class CredentialClaims
{
    private const string Prefix = "cyborg:";
    private const string Role = Prefix + "role";
    private const string ServiceRole = Prefix + "service_role";
    private const string IsService = Prefix + "is_service";
    private const string NotAdminProject = Prefix + "not_admin_project";

    public static IEnumerable<Claim> Write(Credentials credentials)
    {
        foreach (var (name, value) in Ids(credentials))
        {
            if (value is not null)
                yield return new Claim(Prefix + name, value);
        }
        foreach (var role in credentials.Roles)
            yield return new Claim(Role, role);
        foreach (var role in credentials.ServiceRoles)
            yield return new Claim(ServiceRole, role);
        if (credentials.IsService)
            yield return new Claim(IsService, "true");
        if (!credentials.IsAdminProject)
            yield return new Claim(NotAdminProject, "true");
    }

    public static Credentials Read(ClaimsPrincipal principal)
    {
        string? Id(string name) => principal.FindFirst(Prefix + name)?.Value;
        return new Credentials
        {
            UserId = Id("user_id"),
            ProjectId = Id("project_id"),
            UserDomainId = Id("user_domain_id"),
            ProjectDomainId = Id("project_domain_id"),
            DomainId = Id("domain_id"),
            SystemScope = Id("system_scope"),
            ServiceUserId = Id("service_user_id"),
            ServiceUserDomainId = Id("service_user_domain_id"),
            ServiceProjectId = Id("service_project_id"),
            ServiceProjectDomainId = Id("service_project_domain_id"),
            Roles = [.. principal.FindAll(Role).Select(claim => claim.Value)],
            ServiceRoles = [.. principal.FindAll(ServiceRole).Select(claim => claim.Value)],
            IsService = principal.HasClaim(IsService, "true"),
            IsAdminProject = !principal.HasClaim(NotAdminProject, "true"),
        };
    }

    private static IEnumerable<(string Name, string? Value)> Ids(Credentials credentials) =>
    [
        ("user_id", credentials.UserId),
        ("project_id", credentials.ProjectId),
        ("user_domain_id", credentials.UserDomainId),
        ("project_domain_id", credentials.ProjectDomainId),
        ("domain_id", credentials.DomainId),
        ("system_scope", credentials.SystemScope),
        ("service_user_id", credentials.ServiceUserId),
        ("service_user_domain_id", credentials.ServiceUserDomainId),
        ("service_project_id", credentials.ServiceProjectId),
        ("service_project_domain_id", credentials.ServiceProjectDomainId),
    ];
}
