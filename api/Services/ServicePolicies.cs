using Cyborg.Identity.Policy;

namespace Cyborg.Api.Services;

/// <summary>Who may see what backends offer, and have them asked. They have no owner: the target of each rule is the caller's own project.
/// The rules stand in their parts, as those of accelerators do.</summary>
internal static class ServicePolicies
{
    public const string GetAll = "cyborg:service:get_all";
    public const string Discover = "cyborg:service:discover";

    public static IReadOnlyList<PolicyRule> All { get; } =
    [
        new(GetAll, "rule:project_member_api or rule:admin_api", "Show what the backends offer", [new("GET", "/v1/services")]) { ScopeTypes = ["project"] },
        new(Discover, "rule:project_manager_api or rule:admin_api", "Have the backends asked what they offer", [new("POST", "/v1/services/discover")])
        {
            ScopeTypes = ["project"],
        },
    ];
}
