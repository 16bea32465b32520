using Cyborg.Identity.Policy;

namespace Cyborg.Api.Attributes;

/// <summary>Who may see and change the attributes of deployables (upstream: cyborg/policies/attributes.py).</summary>
internal static class AttributePolicies
{
    public const string GetAll = "cyborg:attribute:get_all";
    public const string GetOne = "cyborg:attribute:get_one";
    public const string Create = "cyborg:attribute:create";
    public const string Delete = "cyborg:attribute:delete";

    public static IReadOnlyList<PolicyRule> All { get; } =
    [
        new(GetAll, "rule:project_manager_or_admin", "Show attribute list", [new("GET", "/v2/attributes")])
        {
            Deprecated = new(GetAll, "rule:admin_api", "Gazpacho"),
            ScopeTypes = ["project"],
        },
        new(GetOne, "rule:project_manager_or_admin", "Show attribute detail", [new("GET", "/v2/attributes/{uuid}")])
        {
            Deprecated = new(GetOne, "rule:admin_api", "Gazpacho"),
            ScopeTypes = ["project"],
        },
        new(Create, "rule:admin_api", "Create an attribute", [new("POST", "/v2/attributes")]) { ScopeTypes = ["project"] },
        new(Delete, "rule:admin_api", "Delete an attribute", [new("DELETE", "/v2/attributes/{uuid}")]) { ScopeTypes = ["project"] },
    ];
}
