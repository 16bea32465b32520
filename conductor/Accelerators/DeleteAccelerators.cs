using System.Diagnostics;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Accelerators;

/// <summary>Has the backend that made an accelerator take it away. Its rows go when its host reports it no more; one that could not be made goes at once. One
/// that was only found is hardware: it goes when it is taken out.</summary>
internal static class DeleteAccelerators
{
    /// <exception cref="FaultException">There is no such accelerator, something of it is in use, it was found and not made, or its backend refuses.</exception>
    public static async Task<Done> HandleAsync(ConductorServices services, Guid uuid, CallContext call, CancellationToken stop)
    {
        var (began, token) = (Stopwatch.GetTimestamp(), Guid.NewGuid());
        await services.Mutations.OnceAsync(
            Verbs.DeleteAccelerator,
            call,
            async session =>
            {
                var stored = await AcceleratorStore.FindAsync(session, uuid) ?? throw AcceleratorFaults.NotFound(uuid);
                await OrderAsync(session, stored, token);
                return Done.Instance;
            },
            stop);
        var end = await services.Accelerators.FinishAsync(uuid, token, AcceleratorJobs.TimeFor(call, services.Options.AnswerMargin, began), stop);
        return end.Refusal is { } reason ? throw AcceleratorFaults.Refused(reason, end.NotSupported) : Done.Instance;
    }

    private static async Task OrderAsync(Session session, StoredAccelerator stored, Guid token)
    {
        var uuid = stored.Accelerator.Uuid;
        if (stored.DeviceId is not { } device)
        {
            if (!await AcceleratorJobStore.DeleteFailedAsync(session, uuid))
                throw AcceleratorFaults.Working(uuid);
            return;
        }
        if (!stored.Made)
            throw new FaultException(FaultCode.NotSupportedByDriver, $"Accelerator {uuid} was found on its host and not created: it goes when it is taken out.");
        if (await AcceleratorStore.IsUsedAsync(session, device) || await AttachmentStore.AnyAsync(session, uuid))
            throw new FaultException(FaultCode.Conflict, $"Accelerator {uuid} is in use. Detach it first.");
        if (!await AcceleratorJobStore.OrderDeleteAsync(session, uuid, token, AcceleratorJobs.Claim.TotalSeconds))
            throw AcceleratorFaults.Working(uuid);
        // Not offered any more from here on, whatever its backend says.
        await DeviceStore.ApplyAsync(session, uuid, null, DeviceEvent.Disable);
    }
}
