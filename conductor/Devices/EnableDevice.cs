using System.Diagnostics;
using Cyborg.Conductor.Providers;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Devices;

/// <summary>Enables a device: commits <see cref="DeviceState.Installing"/>, which is the job, then asks the agent to do it now and to
/// offer it in Placement. If the agent does not answer in time, its next report brings it the job.</summary>
internal static class EnableDevice
{
    public static async Task<Done> HandleAsync(ConductorServices services, ById request, CallContext call, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        await services.Mutations.OnceAsync(
            Verbs.EnableDevice,
            call,
            async session =>
            {
                // Nothing changes if the device is ready or on its way; only one that does not exist is an error.
                if (!await DeviceStore.ApplyAsync(session, request.Uuid, null, DeviceEvent.Enable) && !await DeviceStore.ExistsAsync(session, request.Uuid))
                    throw ReadDevices.NotFound(request.Uuid);
                return Done.Instance;
            },
            stop);
        if (await services.Database.ReadAsync(session => DeviceStore.InstallJobAsync(session, request.Uuid), stop) is { } job)
            await InstallNowAsync(services, job, call, began, stop);
        await SyncHost.TryAsync(services, request.Uuid, call, began, stop);
        return Done.Instance;
    }

    private static async Task InstallNowAsync(ConductorServices services, InstallJob job, CallContext call, long began, CancellationToken stop)
    {
        if (SyncHost.OnBehalf(call, services.Options.AgentPatience, began) is not { } own)
            return;
        InstallResult result;
        try
        {
            result = await services.Agents.CallAsync(Verbs.InstallDevice, new InstallDevice(job.Uuid, job.Driver, job.ControlPath), own, job.Hostname, stop);
        }
        catch (FaultException fault)
        {
            Log.InstallLater(services.Log, job.Uuid, job.Hostname, fault.Message);
            return;
        }
        await services.Database.TransactAsync(
            session => DeviceStore.ApplyAsync(
                session, job.Uuid, job.Hostname, result.Error is null ? DeviceEvent.Installed : DeviceEvent.InstallFailed, result.Error),
            stop);
        if (result.Error is { } error)
            Log.InstallFailed(services.Log, job.Uuid, job.Hostname, error);
    }
}
