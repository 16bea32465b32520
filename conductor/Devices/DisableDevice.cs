using System.Diagnostics;
using Cyborg.Conductor.Providers;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Devices;

/// <summary>Disables a device: it is not offered any more; what is bound stays bound. Commits, then waits a few seconds for the agent to reserve it in
/// Placement, and is done either way.</summary>
internal static class DisableDevice
{
    public static async Task<Done> HandleAsync(ConductorServices services, ById request, CallContext call, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        var done = await services.Mutations.OnceAsync(
            Verbs.DisableDevice,
            call,
            async session =>
            {
                if (!await DeviceStore.ApplyAsync(session, request.Uuid, null, DeviceEvent.Disable) && !await DeviceStore.ExistsAsync(session, request.Uuid))
                    throw ReadDevices.NotFound(request.Uuid);
                return Done.Instance;
            },
            stop);
        await SyncHost.TryAsync(services, request.Uuid, call, began, stop);
        return done;
    }
}
