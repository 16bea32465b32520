using System.Diagnostics;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Accelerators;

/// <summary>Changes the spec of an accelerator. One that was found is described anew; one that its backend has made is changed by the backend first. The write
/// is conditional on the generation that the caller names, or on the one that the spec has when the call comes.</summary>
internal static class UpdateAccelerators
{
    /// <exception cref="FaultException">There is no such accelerator, another process has changed it, or its backend refuses.</exception>
    public static async Task<Done> HandleAsync(ConductorServices services, UpdateAccelerator request, CallContext call, CancellationToken stop)
    {
        var (began, token) = (Stopwatch.GetTimestamp(), Guid.NewGuid());
        var before = await services.Database.ReadAsync(session => AcceleratorStore.FindAsync(session, request.Uuid), stop)
            ?? throw AcceleratorFaults.NotFound(request.Uuid);
        var specs = request.Change.Apply(before.Accelerator.Specs);
        if (Fault(specs, request.Change) is { } fault)
            throw new FaultException(FaultCode.InvalidInput, fault);
        // What is so already costs no generation, and no work of a backend.
        var toBackend = before.Made && specs != before.Accelerator.Specs;
        await services.Mutations.OnceAsync(
            Verbs.UpdateAccelerator,
            call,
            async session =>
            {
                var generation = before.Accelerator.Generation;
                if (request.Generations?.Contains(generation) == false)
                    throw AcceleratorFaults.Generation(request.Uuid, generation);
                if (specs == before.Accelerator.Specs)
                    return Done.Instance;
                var written = toBackend
                    ? await AcceleratorJobStore.OrderUpdateAsync(session, request.Uuid, generation, specs, token, AcceleratorJobs.Claim.TotalSeconds)
                    : await AcceleratorStore.WriteSpecsAsync(session, request.Uuid, generation, specs);
                if (!written)
                    throw await LostAsync(session, request.Uuid, generation);
                // Of what its backend does it is told when that is done.
                if (!toBackend)
                    await AcceleratorEventStore.InsertAsync(session, [request.Uuid], AcceleratorEvents.Updated, null);
                return Done.Instance;
            },
            stop);
        if (!toBackend)
            return Done.Instance;
        var end = await services.Accelerators.FinishAsync(request.Uuid, token, AcceleratorJobs.TimeFor(call, services.Options.AnswerMargin, began), stop);
        if (end.Refusal is { } reason)
            throw AcceleratorFaults.Refused(reason, end.NotSupported);
        return end.Ended ? Done.Instance : throw AcceleratorFaults.StillGoingOn(request.Uuid);
    }

    // A number beyond the bounds that stays as it is, a driver has found.
    private static string? Fault(AccSpecs specs, AccSpecsChange change) =>
        (change.Num is null ? specs with { Num = 1 } : specs).Fault();

    private static async Task<FaultException> LostAsync(Session session, Guid uuid, long generation)
    {
        if (await AcceleratorStore.FindAsync(session, uuid) is not { } now)
            return AcceleratorFaults.NotFound(uuid);
        if (now.Accelerator.Generation != generation)
            return AcceleratorFaults.Generation(uuid, now.Accelerator.Generation);
        return now.Phase == AcceleratorPhases.Error ? AcceleratorFaults.NeverMade(uuid) : AcceleratorFaults.Working(uuid);
    }
}
