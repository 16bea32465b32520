using Cyborg.Identity.Policy;

namespace Cyborg.Api.Deployables;

/// <summary>Who may see and program deployables (upstream: cyborg/policies/deployables.py).</summary>
internal static class DeployablePolicies
{
    public const string GetAll = "cyborg:deployable:get_all";
    public const string GetOne = "cyborg:deployable:get_one";
    public const string Program = "cyborg:deployable:program";

    public static IReadOnlyList<PolicyRule> All { get; } =
    [
        new(GetAll, "rule:project_manager_or_admin", "Show deployable list", [new("GET", "/v2/deployables")])
        {
            Deprecated = new(GetAll, "rule:admin_api", "Gazpacho"),
            ScopeTypes = ["project"],
        },
        new(GetOne, "rule:project_manager_or_admin", "Show deployable detail", [new("GET", "/v2/deployables/{uuid}")])
        {
            Deprecated = new(GetOne, "rule:admin_api", "Gazpacho"),
            ScopeTypes = ["project"],
        },
        new(Program, "rule:admin_api", "Program a deployable with an image", [new("PATCH", "/v2/deployables/{uuid}/program")])
        {
            ScopeTypes = ["project"],
        },
    ];
}
