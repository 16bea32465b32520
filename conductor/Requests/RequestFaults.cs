using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Requests;

/// <summary>What can be wrong with a request for ARQs, in upstream's words where it has some (cyborg/common/exception.py).</summary>
internal static class RequestFaults
{
    public static FaultException NotFound(Guid uuid) => new(FaultCode.ArqNotFound, $"ExtArq not found with uuid={uuid}");

    public static FaultException BadState(LockedArq arq, ArqState target) =>
        new(FaultCode.ArqBadState, $"ARQ {arq.Uuid} is in state {arq.State} and cannot become {target}: "
            + $"that takes {string.Join(" or ", ArqStates.AllowedFrom[target].Order())}.");

    public static FaultException Bound(LockedArq arq) =>
        new(FaultCode.ArqBoundToInstance,
            $"ARQ {arq.Uuid} is bound to instance {arq.InstanceUuid}. Use the Compute API to manage instance accelerators.");

    public static FaultException InstanceHasArqs(Guid instance) =>
        new(FaultCode.InstanceHasArqs, $"Instance {instance} already has accelerator requests. Cannot bind additional ARQs.");

    public static FaultException ProviderNotFound(Guid provider) =>
        new(FaultCode.ResourceProviderNotFound, $"Resource provider not found with uuid={provider}: no deployable has it.");

    public static FaultException NoFreeHandle(string deployable) =>
        new(FaultCode.NoFreeAttachHandle, $"Attach handle not found: deployable {deployable} has none free.");

    /// <summary>The rows changed although they are locked: a defect, told as a conflict so that nothing half-done is committed.</summary>
    public static FaultException Changed() => new(FaultCode.Conflict, "The accelerator requests changed meanwhile; try again.");

    /// <summary>All of <paramref name="uuids"/>, or a fault that names the first missing one.</summary>
    public static void RequireAll(IReadOnlyCollection<Guid> uuids, IReadOnlyList<LockedArq> found)
    {
        if (found.Count != uuids.Count)
            throw NotFound(uuids.Except(found.Select(arq => arq.Uuid)).First());
    }

    /// <summary>All of <paramref name="arqs"/> may become <paramref name="target"/>, or a fault that names the first that may not.</summary>
    public static void RequireTransition(IReadOnlyList<LockedArq> arqs, ArqState target)
    {
        if (arqs.FirstOrDefault(arq => !ArqStates.Allows(arq.State, target)) is { } bad)
            throw BadState(bad, target);
    }
}
