using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Devices;

/// <summary>Disables a device: it is not offered any more; what is bound stays bound.</summary>
internal static class DisableDevice
{
    public static Task<Done> HandleAsync(ConductorServices services, ById request, CallContext call, CancellationToken stop) =>
        services.Mutations.OnceAsync(
            Verbs.DisableDevice,
            call,
            async session =>
            {
                if (!await DeviceStore.ApplyAsync(session, request.Uuid, null, DeviceEvent.Disable) && !await DeviceStore.ExistsAsync(session, request.Uuid))
                    throw ReadDevices.NotFound(request.Uuid);
                return Done.Instance;
            },
            stop);
}
