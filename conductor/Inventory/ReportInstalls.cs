using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Inventory;

/// <summary>An agent tells how an install went. Only its own host's devices are touched, and only while they are
/// <see cref="DeviceState.Installing"/>: a late word about a device that was disabled meanwhile changes nothing.</summary>
internal static class ReportInstalls
{
    public static Task<Done> HandleAsync(ConductorServices services, ReportInstall report, CallContext call, CancellationToken stop) =>
        services.Mutations.OnceAsync(
            Verbs.ReportInstall,
            call,
            async session =>
            {
                await DeviceStore.ApplyAsync(
                    session, report.DeviceUuid, call.Host, report.Error is null ? DeviceEvent.Installed : DeviceEvent.InstallFailed, report.Error);
                return Done.Instance;
            },
            stop);
}
