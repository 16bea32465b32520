using Cyborg.Agent.Discovery;
using Cyborg.Drivers;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Microsoft.Extensions.Logging;

namespace Cyborg.Agent.Devices;

/// <summary>A conductor has a deployable programmed with an image.</summary>
internal sealed class ProgramDevices(AgentOptions options, HostDiscovery host, DeviceWork work, ILogger log)
{
    private readonly ImageFolder _images = new(options.ImagePath);

    /// <summary>Done only if the driver says that the device runs the image.</summary>
    /// <exception cref="FaultException">No such driver, device or image here, the driver cannot or failed, or the agent stops.</exception>
    public async Task<Done> HandleAsync(ProgramDevice request, CallContext call, CancellationToken cancellationToken)
    {
        var watch = host.DriverOf(request.Driver, request.ControlPath, options.Host);
        var image = _images.Find(request.ImageUuid);
        var outcome = await work.RunAsync(
            request.Driver, request.ControlPath, $"program {request.DeployableName} with {request.ImageUuid}",
            stop => watch.Driver.ProgramAsync(request.ControlPath, image, stop), cancellationToken).ConfigureAwait(false);
        if (!outcome.Worked)
        {
            Log.ProgramFailed(log, request.DeployableUuid, request.ImageUuid, request.Driver, outcome.Reason, call.RequestId);
            var code = outcome.Kind == DriverOutcomeKind.NotSupported ? FaultCode.NotSupportedByDriver : FaultCode.DriverFailed;
            throw new FaultException(code, outcome.Reason ?? $"{request.Driver} could not program {request.DeployableName}.");
        }
        Log.Programmed(log, request.DeployableUuid, request.ImageUuid, request.Driver, call.RequestId);
        return Done.Instance;
    }
}
