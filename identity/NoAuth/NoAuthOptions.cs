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
}
