using Cyborg.Conductor.Hosts;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Accelerators;

/// <summary>Tells an agent which devices to probe, and takes in what it finds: an ill device is in error, with the reason, until it was well often enough.</summary>
internal static class DeviceProbes
{
    /// <exception cref="FaultException"><see cref="FaultCode.Conflict"/>: another agent holds the host's name.</exception>
    public static Task<ProbeList> ListAsync(ConductorServices services, GetProbes request, CallContext call, CancellationToken stop)
    {
        var host = call.Host!;
        return services.Database.ReadAsync(
            async session =>
            {
                if (await HostStore.ReadAsync(session, host, services.Options.LeaseTimeout) is not { } lease)
                    return new ProbeList([]);
                if (LeaseRules.Refusal(lease, request.Agent) is { } refusal)
                    throw new FaultException(FaultCode.Conflict, refusal);
                var devices = await AcceleratorStore.ProbesAsync(session, host);
                return new ProbeList([.. devices.Select(device => new ProbeDevice(device.Uuid, device.Driver, device.Path, device.Ill))]);
            },
            stop);
    }

    /// <summary>Only the agent's own devices are touched, and only while the life cycle has an answer: a late word about one that was disabled changes
    /// nothing.</summary>
    public static async Task<Done> ReportAsync(ConductorServices services, ReportProbe report, CallContext call, CancellationToken stop)
    {
        var changed = false;
        var done = await services.Mutations.OnceAsync(
            Verbs.ReportProbe,
            call,
            async session =>
            {
                changed = await DeviceStore.ApplyAsync(
                    session, report.DeviceUuid, call.Host, report.Error is null ? DeviceEvent.ProbeRecovered : DeviceEvent.ProbeFailed, report.Error);
                return Done.Instance;
            },
            stop);
        if (changed && report.Error is { } error)
            Log.DeviceIll(services.Log, report.DeviceUuid, call.Host!, error);
        else if (changed)
            Log.DeviceWell(services.Log, report.DeviceUuid, call.Host!);
        return done;
    }
}
