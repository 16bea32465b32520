using Cyborg.Conductor.Accelerators;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Usage;

/// <summary>Tells how much an accelerator is used, as far as this conductor has heard. Three statements say which device it is; the figures come from
/// memory.</summary>
internal static class ShowUsage
{
    /// <exception cref="FaultException"><see cref="FaultCode.AcceleratorNotFound"/>.</exception>
    public static async Task<AcceleratorUsage> HandleAsync(ConductorServices services, Guid uuid, CancellationToken stop)
    {
        var stored = (await services.Cache.AcceleratorsAsync(stop)).Find(uuid) ?? throw AcceleratorFaults.NotFound(uuid);
        if (stored.DeviceId is { } device)
        {
            if ((await services.Cache.InventoryAsync(stop)).FindDevice(uuid) is not { } found)
                throw AcceleratorFaults.NotFound(uuid);
            var path = await services.Database.ReadAsync(session => AcceleratorStore.PathAsync(session, device), stop);
            return services.Usage.Show(uuid, found.Hostname, path, stored.Accelerator.CreatedAt);
        }
        return services.Usage.Show(uuid, host: null, path: null, stored.Accelerator.CreatedAt);
    }
}
