using Cyborg.Api.AcceleratorRequests;
using Cyborg.Api.Accelerators;
using Cyborg.Api.Attributes;
using Cyborg.Api.Deployables;
using Cyborg.Api.DeviceProfiles;
using Cyborg.Api.Devices;
using Cyborg.Api.Drivers;
using Cyborg.Api.Services;
using Cyborg.Identity.Policy;

namespace Cyborg.Api;

/// <summary>Every rule that the API asks for; each noun keeps its own beside its handlers.</summary>
public static class ApiPolicies
{
    /// <summary>The base rules, then the rules of each noun.</summary>
    public static IReadOnlyList<PolicyRule> All { get; } =
    [
        .. BaseRules.All,
        .. DevicePolicies.All,
        .. DeployablePolicies.All,
        .. AttributePolicies.All,
        .. DeviceProfilePolicies.All,
        .. ArqPolicies.All,
        .. AcceleratorPolicies.All,
        .. DriverPolicies.All,
        .. ServicePolicies.All,
    ];
}
