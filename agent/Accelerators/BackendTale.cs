using Cyborg.Agent.Discovery;
using Cyborg.Drivers;
using Cyborg.Messaging.Contracts;
using Microsoft.Extensions.Logging;

namespace Cyborg.Agent.Accelerators;

/// <summary>What a report tells of the drivers' backends: which there are, on which accelerators can be made (a host's default first), and whose a device
/// is.</summary>
internal static class BackendTale
{
    /// <summary>The backends of drivers, in their order. One that cannot tell is left out: a report must not fail for it.</summary>
    public static IReadOnlyList<ReportedBackend> Of(IReadOnlyList<DriverWatch> drivers, ILogger log)
    {
        var backends = new List<ReportedBackend>();
        foreach (var watch in drivers)
        {
            try
            {
                backends.AddRange(Of(watch));
            }
            catch (Exception e)
            {
                Log.WorkBroke(log, e, watch.Driver.Name, "its backends");
            }
        }
        return backends;
    }

    private static List<ReportedBackend> Of(DriverWatch watch)
    {
        var known = DriverServices.BackendsOf(watch.Driver);
        List<string> making = watch.Driver is IProvisioningDriver provisioning ? [.. provisioning.ProvisioningBackends] : [];
        var devices = watch.Driver is IBackendDriver driver && known.Count > 1
            ? (watch.LastGood ?? []).ToLookup(device => driver.BackendOf(device.ControlPath), device => device.ControlPath)
            : null;
        return
        [
            .. known.OrderBy(backend => making.IndexOf(backend.Name) is >= 0 and var at ? at : int.MaxValue)
                .Select(backend => new ReportedBackend(watch.Driver.Name, backend.Name, backend.Kind, making.Contains(backend.Name))
                {
                    Devices = devices is null ? [] : [.. devices[backend.Name]],
                }),
        ];
    }
}
