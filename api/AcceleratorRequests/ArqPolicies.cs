using Cyborg.Identity.Policy;

namespace Cyborg.Api.AcceleratorRequests;

/// <summary>Who may see and change accelerator requests (upstream: cyborg/policies/arqs.py).</summary>
internal static class ArqPolicies
{
    public const string GetAll = "cyborg:arq:get_all";
    public const string GetOne = "cyborg:arq:get_one";
    public const string Create = "cyborg:arq:create";
    public const string Delete = "cyborg:arq:delete";
    public const string Update = "cyborg:arq:update";

    public static IReadOnlyList<PolicyRule> All { get; } =
    [
        new(GetAll, "rule:project_reader_or_admin", "Show accelerator request list", [new("GET", "/v2/accelerator_requests")])
        {
            Deprecated = new(GetAll, "rule:admin_or_owner", "Gazpacho"),
            ScopeTypes = ["project"],
        },
        new(GetOne, "rule:project_reader_or_admin", "Show accelerator request detail", [new("GET", "/v2/accelerator_requests/{arqs_uuid}")])
        {
            Deprecated = new(GetOne, "rule:admin_or_owner", "Gazpacho"),
            ScopeTypes = ["project"],
        },
        new(Create, "rule:project_member_or_service", "Create accelerator requests", [new("POST", "/v2/accelerator_requests")])
        {
            Deprecated = new(Create, "rule:project_member_or_admin", "Gazpacho"),
            ScopeTypes = ["project"],
        },
        new(Delete, "rule:project_member_or_service", "Delete accelerator requests", [new("DELETE", "/v2/accelerator_requests")])
        {
            Deprecated = new(Delete, "rule:admin_or_owner", "Gazpacho"),
            ScopeTypes = ["project"],
        },
        new(Update, "rule:project_member_or_service", "Bind and unbind accelerator requests", [new("PATCH", "/v2/accelerator_requests")])
        {
            Deprecated = new(Update, "rule:admin_or_owner", "Gazpacho"),
            ScopeTypes = ["project"],
        },
    ];
}
