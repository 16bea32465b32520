using Cyborg.Identity.Policy;

namespace Cyborg.Api.DeviceProfiles;

/// <summary>Who may see and change device profiles (upstream: cyborg/policies/device_profiles.py).</summary>
internal static class DeviceProfilePolicies
{
    public const string GetAll = "cyborg:device_profile:get_all";
    public const string GetOne = "cyborg:device_profile:get_one";
    public const string Create = "cyborg:device_profile:create";
    public const string Delete = "cyborg:device_profile:delete";

    public static IReadOnlyList<PolicyRule> All { get; } =
    [
        new(GetAll, "rule:project_reader_or_admin", "Show device profile list", [new("GET", "/v2/device_profiles")])
        {
            Deprecated = new(GetAll, "rule:admin_or_owner", "Wallaby"),
            ScopeTypes = ["project"],
        },
        new(GetOne, "rule:project_reader_or_admin", "Show device profile detail", [new("GET", "/v2/device_profiles/{device_profiles_uuid}")])
        {
            Deprecated = new(GetOne, "rule:admin_or_owner", "Wallaby"),
            ScopeTypes = ["project"],
        },
        new(Create, "rule:admin_api", "Create a device profile", [new("POST", "/v2/device_profiles")])
        {
            Deprecated = new(Create, "rule:is_admin", "Wallaby"),
            ScopeTypes = ["project"],
        },
        new(Delete, "rule:admin_api", "Delete device profiles",
            [new("DELETE", "/v2/device_profiles/{device_profiles_uuid}"), new("DELETE", "/v2/device_profiles?value={device_profile_name1}")])
        {
            Deprecated = new(Delete, "rule:is_admin", "Wallaby"),
            ScopeTypes = ["project"],
        },
    ];
}
