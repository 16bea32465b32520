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
        var (addresses, inUse) = await services.Database.ReadSnapshotAsync(
            async session =>
            {
                var found = await DeployableStore.AddressesAsync(session, request.DeployableUuid);
                return (found, found.Count > 0 && await AttachHandleStore.AnyInUseAsync(session, found[0].Id));
            },
            stop);
        if (addresses.Count == 0)
            throw ReadDeployables.NotFound(request.DeployableUuid);
        var target = addresses[0];
        if (addresses.Count > 1)
            throw new FaultException(FaultCode.NotSupportedByDriver, $"Deployable {target.Name} has {addresses.Count} control paths; programming takes exactly one.");
        if (inUse)
            throw new FaultException(FaultCode.Conflict, $"Deployable {target.Name} is in use by an accelerator request; it can be programmed when that is deleted.");
        await services.Agents.CallAsync(
            Verbs.ProgramDevice,
            new ProgramDevice(request.DeployableUuid, target.Driver, target.Name, target.ControlPath, request.ImageUuid),
            call with { Host = null },
            target.Hostname,
            stop);
        return await ReadDeployables.ShowAsync(services, request.DeployableUuid, stop);
    }
}
