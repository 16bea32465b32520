using Cyborg.Identity.Policy;

namespace Cyborg.Api.Devices;

/// <summary>Who may see and switch devices (upstream: cyborg/policies/devices.py).</summary>
internal static class DevicePolicies
{
    public const string GetAll = "cyborg:device:get_all";
    public const string GetOne = "cyborg:device:get_one";
    public const string Disable = "cyborg:device:disable";
    public const string Enable = "cyborg:device:enable";

    public static IReadOnlyList<PolicyRule> All { get; } =
    [
        new(GetAll, "rule:project_manager_or_admin", "Show device list", [new("GET", "/v2/devices")])
        {
            Deprecated = new(GetAll, "rule:admin_api", "Gazpacho"),
            ScopeTypes = ["project"],
        },
        new(GetOne, "rule:project_manager_or_admin", "Show device detail", [new("GET", "/v2/devices/{uuid}")])
        {
            Deprecated = new(GetOne, "rule:admin_api", "Gazpacho"),
            ScopeTypes = ["project"],
        },
        new(Disable, "rule:admin_api", "Disable a device", [new("POST", "/v2/devices/{uuid}/disable")]) { ScopeTypes = ["project"] },
        new(Enable, "rule:admin_api", "Enable a device", [new("POST", "/v2/devices/{uuid}/enable")]) { ScopeTypes = ["project"] },
    ];
}
