using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Deployables;

/// <summary>Has the agent program a deployable with an image. Refused while an ARQ holds a handle of it: its logic would change under a guest.</summary>
internal static class ProgramDeployables
{
    public static async Task<Deployable> HandleAsync(ConductorServices services, ProgramDeployable request, CallContext call, CancellationToken stop)
    {
        var addresses = await services.Database.ReadAsync(session => DeployableStore.AddressesAsync(session, request.DeployableUuid), stop);
        if (addresses.Count == 0)
            throw ReadDeployables.NotFound(request.DeployableUuid);
        var found = addresses[0];
        if (addresses.Count > 1)
            throw new FaultException(FaultCode.NotSupportedByDriver, $"Deployable {found.Name} has {addresses.Count} control paths; programming takes exactly one.");
        var target = new ProgramTarget(found.Id, request.DeployableUuid, found.Name, found.Hostname, found.BootId, found.Driver, found.ControlPath);
        await services.Jobs.Programs.ForOperatorAsync(target, new ImageWish(request.ImageUuid, null), call, services.Nova.EventTimeout, stop);
        return await ReadDeployables.ShowAsync(services, request.DeployableUuid, stop);
    }
}
