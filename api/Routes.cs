using Cyborg.Api.AcceleratorRequests;
using Cyborg.Api.Accelerators;
using Cyborg.Api.Attributes;
using Cyborg.Api.Calls;
using Cyborg.Api.Deployables;
using Cyborg.Api.DeviceProfiles;
using Cyborg.Api.Devices;
using Cyborg.Api.Drivers;
using Cyborg.Api.Instances;
using Cyborg.Api.Services;
using Cyborg.Api.Versions;

namespace Cyborg.Api;

/// <summary>One line of the route table.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path behind the mount; parts in braces are the handler's.</param>
/// <param name="Handler">Reads, asks a conductor, answers.</param>
/// <param name="Policy">Rule that is checked before the handler looks at anything; null for what everybody may see.</param>
internal sealed record Route(string Method, string Path, Func<ApiCall, Task<Reply>> Handler, string? Policy)
{
    /// <summary>Further rules of a route that serves several purposes: any of them, or <see cref="Policy"/>, lets a caller in, and the handler checks the one of
    /// the purpose when it knows it.</summary>
    public IReadOnlyList<string> OrPolicies { get; init; } = [];
}

/// <summary>Every URL of the API with its handler and its policy; a path without a version gets one before it is looked up here (see
/// <see cref="Middleware.RequestPath"/>).
/// The path <c>/healthcheck</c> is answered before (see <see cref="Pipeline"/>). No route depends on the microversion; where a part of one does,
/// its handler says so (see <see cref="Microversions"/>).</summary>
internal static class Routes
{
    public static IReadOnlyList<Route> All { get; } =
    [
        new("GET", "/", GetVersions.HandleAsync, null),
        new("GET", "/v1", GetVersion1.HandleAsync, null),
        new("GET", "/v2", GetVersion2.HandleAsync, null),

        new("GET", "/v1/accelerators", GetAccelerators.HandleAsync, AcceleratorPolicies.GetAll),
        new("GET", "/v1/accelerators/{uuid}", GetAccelerator.HandleAsync, AcceleratorPolicies.GetOne),
        new("GET", "/v1/accelerators/{uuid}/usage", GetUsage.HandleAsync, AcceleratorPolicies.GetUsage),
        new("POST", "/v1/accelerators", PostAccelerators.HandleAsync, AcceleratorPolicies.Create),
        new("POST", "/v1/accelerators/{uuid}", PostAccelerators.HandleAsync, AcceleratorPolicies.Create),
        new("PUT", "/v1/accelerators/{uuid}", PutAccelerator.HandleAsync, AcceleratorPolicies.Update)
        {
            OrPolicies = [AcceleratorPolicies.Ready, AcceleratorPolicies.Attach],
        },
        new("PUT", "/v1/accelerators/{uuid}/{acc_spec}", PutAccelerator.SpecAsync, AcceleratorPolicies.Update),
        new("DELETE", "/v1/accelerators/{uuid}", DeleteAccelerator.HandleAsync, AcceleratorPolicies.Detach) { OrPolicies = [AcceleratorPolicies.Delete] },

        new("POST", "/v1/instances/{id}/attach", PostInstances.AttachAsync, AcceleratorPolicies.Attach),
        new("POST", "/v1/instances/{id}/detach", PostInstances.DetachAsync, AcceleratorPolicies.Detach),

        new("GET", "/v1/drivers", GetDrivers.ListAsync, DriverPolicies.GetAll),
        new("GET", "/v1/drivers/{id}", GetDrivers.ShowAsync, DriverPolicies.GetOne),
        new("POST", "/v1/drivers", ChangeDrivers.InstallAsync, DriverPolicies.Install),
        new("PUT", "/v1/drivers/{id}", ChangeDrivers.UpdateAsync, DriverPolicies.Update),
        new("DELETE", "/v1/drivers/{id}", ChangeDrivers.UninstallAsync, DriverPolicies.Uninstall),

        new("GET", "/v1/services", GetServices.ListAsync, ServicePolicies.GetAll),
        new("POST", "/v1/services/discover", GetServices.DiscoverAsync, ServicePolicies.Discover),

        new("GET", "/v2/devices", GetDevices.HandleAsync, DevicePolicies.GetAll),
        new("GET", "/v2/devices/{uuid}", GetDevice.HandleAsync, DevicePolicies.GetOne),
        new("POST", "/v2/devices/{uuid}/enable", SwitchDevice.EnableAsync, DevicePolicies.Enable),
        new("POST", "/v2/devices/{uuid}/disable", SwitchDevice.DisableAsync, DevicePolicies.Disable),

        new("GET", "/v2/deployables", GetDeployables.HandleAsync, DeployablePolicies.GetAll),
        new("GET", "/v2/deployables/{uuid}", GetDeployable.HandleAsync, DeployablePolicies.GetOne),
        new("PATCH", "/v2/deployables/{uuid}/program", PatchDeployableProgram.HandleAsync, DeployablePolicies.Program),
        new("PATCH", "/v2/deployables/{uuid}/program/{again}", PatchDeployableProgram.HandleAsync, DeployablePolicies.Program),

        new("GET", "/v2/attributes", GetAttributes.HandleAsync, AttributePolicies.GetAll),
        new("GET", "/v2/attributes/{uuid}", GetAttribute.HandleAsync, AttributePolicies.GetOne),
        new("POST", "/v2/attributes", PostAttribute.HandleAsync, AttributePolicies.Create),
        new("DELETE", "/v2/attributes", DeleteAttribute.HandleAsync, AttributePolicies.Delete),
        new("DELETE", "/v2/attributes/{uuid}", DeleteAttribute.HandleAsync, AttributePolicies.Delete),

        new("GET", "/v2/device_profiles", GetDeviceProfiles.HandleAsync, DeviceProfilePolicies.GetAll),
        new("GET", "/v2/device_profiles/{profile}", GetDeviceProfile.HandleAsync, DeviceProfilePolicies.GetOne),
        new("POST", "/v2/device_profiles", PostDeviceProfile.HandleAsync, DeviceProfilePolicies.Create),
        new("DELETE", "/v2/device_profiles", DeleteDeviceProfiles.HandleAsync, DeviceProfilePolicies.Delete),
        new("DELETE", "/v2/device_profiles/{profile}", DeleteDeviceProfiles.HandleAsync, DeviceProfilePolicies.Delete),

        new("GET", "/v2/accelerator_requests", GetAcceleratorRequests.HandleAsync, ArqPolicies.GetAll),
        new("GET", "/v2/accelerator_requests/{uuid}", GetAcceleratorRequest.HandleAsync, ArqPolicies.GetOne),
        new("POST", "/v2/accelerator_requests", PostAcceleratorRequests.HandleAsync, ArqPolicies.Create),
        new("PATCH", "/v2/accelerator_requests", PatchAcceleratorRequests.HandleAsync, ArqPolicies.Update),
        new("PATCH", "/v2/accelerator_requests/{uuid}", PatchAcceleratorRequests.HandleAsync, ArqPolicies.Update),
        new("DELETE", "/v2/accelerator_requests", DeleteAcceleratorRequests.HandleAsync, ArqPolicies.Delete),
        new("DELETE", "/v2/accelerator_requests/{arqs}", DeleteAcceleratorRequests.HandleAsync, ArqPolicies.Delete),
    ];
}
