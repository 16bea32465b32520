using Cyborg.Identity.Policy;

namespace Cyborg.Api.Drivers;

/// <summary>Who may see and change the drivers of hosts. They have no owner: the target of each rule is the caller's own project.</summary>
internal static class DriverPolicies
{
    public const string GetAll = "cyborg:driver:get_all";
    public const string GetOne = "cyborg:driver:get_one";
    public const string Install = "cyborg:driver:install";
    public const string Update = "cyborg:driver:update";
    public const string Uninstall = "cyborg:driver:uninstall";

    // In their parts, as for accelerators: the combined rules let every token of a project in as long as enforce_new_defaults is false.
    private const string Member = "rule:project_member_api or rule:admin_api";
    private const string Manager = "rule:project_manager_api or rule:admin_api";

    public static IReadOnlyList<PolicyRule> All { get; } =
    [
        new(GetAll, Member, "Show driver list", [new("GET", "/v1/drivers")]) { ScopeTypes = ["project"] },
        new(GetOne, Member, "Show driver detail", [new("GET", "/v1/drivers/{id}")]) { ScopeTypes = ["project"] },
        new(Install, Manager, "Install a driver package on a host", [new("POST", "/v1/drivers")]) { ScopeTypes = ["project"] },
        new(Update, Manager, "Put another version of a driver package in its place", [new("PUT", "/v1/drivers/{id}")]) { ScopeTypes = ["project"] },
        new(Uninstall, Manager, "Take a driver package from a host", [new("DELETE", "/v1/drivers/{id}")]) { ScopeTypes = ["project"] },
    ];
}
