using System.Collections.Concurrent;
using Cyborg.Agent.Discovery;
using Cyborg.Drivers;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Devices;

/// <summary>A conductor has a deployable programmed with an image.</summary>
internal sealed class ProgramDevices(AgentSetting setting, HostDiscovery host, DeviceWork work)
{
    private static readonly TimeSpan KeepDone = TimeSpan.FromMinutes(10);

    private readonly ImageFolder _images = new(setting.Options.ImagePath);
    private readonly ConcurrentDictionary<Guid, long> _done = new();

    /// <summary>Done only if the driver says that the device runs the image. A call whose reply was lost and that is sent again does not program
    /// again.</summary>
    /// <exception cref="FaultException">No such driver, device or image here, the driver cannot or failed, or the agent stops.</exception>
    public async Task<Done> HandleAsync(ProgramDevice request, CallContext call, CancellationToken cancellationToken)
    {
        if (call.IdempotencyId is { } id && _done.ContainsKey(id))
            return Done.Instance;
        var watch = host.DriverOf(request.Driver, request.ControlPath, setting.Options.Host);
        var image = _images.Find(request.ImageUuid);
        var outcome = await work.RunAsync(
            request.Driver, request.ControlPath, $"program {request.DeployableName} with {request.ImageUuid}",
            stop => ProgramAsync(watch.Driver, request, image, call, stop), cancellationToken).ConfigureAwait(false);
        if (outcome.Worked)
            return Done.Instance;
        Log.ProgramFailed(setting.Logger, request.DeployableUuid, request.ImageUuid, request.Driver, outcome.Reason, call.RequestId);
        var code = outcome.Kind == DriverOutcomeKind.NotSupported ? FaultCode.NotSupportedByDriver : FaultCode.DriverFailed;
        throw new FaultException(code, outcome.Reason ?? $"{request.Driver} could not program {request.DeployableName}.");
    }

    // Part of the work, not of the call: success is kept although the caller may have stopped waiting.
    private async Task<DriverOutcome> ProgramAsync(
        IAcceleratorDriver driver, ProgramDevice request, string image, CallContext call, CancellationToken stop)
    {
        var outcome = await driver.ProgramAsync(request.ControlPath, image, stop).ConfigureAwait(false);
        if (outcome.Worked)
        {
            Log.Programmed(setting.Logger, request.DeployableUuid, request.ImageUuid, request.Driver, call.RequestId);
            Keep(call.IdempotencyId);
        }
        return outcome;
    }

    private void Keep(Guid? id)
    {
        foreach (var (old, since) in _done)
        {
            if (setting.Time.GetElapsedTime(since) > KeepDone)
                _done.TryRemove(old, out _);
        }
        if (id is { } done)
            _done[done] = setting.Time.GetTimestamp();
    }
}
