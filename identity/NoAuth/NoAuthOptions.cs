using Microsoft.AspNetCore.Authentication;

namespace Cyborg.Identity.NoAuth;

/// <summary>Who a caller is who says nothing, and which roles make a service.</summary>
public sealed class NoAuthOptions : AuthenticationSchemeOptions
{
    /// <summary>The caller without any header: an administrator of one project who also counts as a service.</summary>
    public Credentials DefaultCaller { get; set; } = new()
    {
        UserId = NoAuthDefaults.UserId,
        ProjectId = NoAuthDefaults.ProjectId,
        UserDomainId = "default",
        ProjectDomainId = "default",
        Roles = ["admin", "member", "reader"],
        ServiceRoles = ["service"],
    };

    /// <summary>A caller with one of these among its service roles counts as a service (<c>[keystone_authtoken]
    /// service_token_roles</c>).</summary>
    public IReadOnlyList<string> AcceptedServiceRoles { get; set; } = ["service"];

    /// <summary>The caller of a request that says nothing of its own: the very same each time, so that what policy said of it is known.</summary>
    internal Credentials WithoutHeaders =>
        _withoutHeaders ??= DefaultCaller with { IsService = DefaultCaller.ServiceRoles.Intersect(AcceptedServiceRoles, StringComparer.Ordinal).Any() };

    private Credentials? _withoutHeaders;
}
