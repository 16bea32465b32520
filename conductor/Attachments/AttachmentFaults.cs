using Cyborg.Model;
using Cyborg.Storage.Rows;

namespace Cyborg.Conductor.Attachments;

/// <summary>What can be wrong with a call to attach or detach.</summary>
internal static class AttachmentFaults
{
    public static FaultException Invalid(string reason) => new(FaultCode.InvalidInput, reason);

    public static FaultException NoNova(Guid accelerator) => new(
        FaultCode.Conflict, $"Accelerator {accelerator} cannot be attached to a server: this service has no [nova] section, and so no compute service to ask.");

    public static FaultException NotOffered(Accelerator accelerator) => new(
        FaultCode.Conflict, accelerator.State switch
        {
            AcceleratorState.Attached => $"Nothing of accelerator {accelerator.Name} ({accelerator.Uuid}) is free.",
            AcceleratorState.Error => $"Accelerator {accelerator.Name} ({accelerator.Uuid}) is in error: {accelerator.StateReason}",
            _ => $"Accelerator {accelerator.Name} ({accelerator.Uuid}) is {AcceleratorStates.Word(accelerator.State)}; only one that is ready is attached.",
        });

    public static FaultException Elsewhere(Accelerator accelerator, string host) => new(
        FaultCode.Conflict, $"Accelerator {accelerator.Name} ({accelerator.Uuid}) is on host {accelerator.Host}; it is attached to that host alone, not to {host}.");

    public static FaultException BeingDetached(AttachmentRow row) => new(
        FaultCode.Conflict, $"Accelerator {row.AcceleratorUuid} is being detached from {Target(row)}. Try again when that has ended.");

    public static FaultException UnderWay(AttachmentRow row) => new(
        FaultCode.Conflict, $"Accelerator {row.AcceleratorUuid} is just being attached to {Target(row)}. Try again when that has ended.");

    public static FaultException NotAttached(string what) => new(FaultCode.Conflict, $"{what}: nothing is attached that you may detach.");

    public static FaultException HeldByOthers(Guid accelerator, int others) => new(
        FaultCode.Conflict, $"Accelerator {accelerator} is in use by {others} other {(others == 1 ? "consumer" : "consumers")}. Name a target to detach what is yours alone.");

    public static FaultException PlacementAway(string reason) => new(FaultCode.Unavailable, $"Who else uses the accelerator is not known: {reason}");

    /// <summary>The fault by which a refusal is told.</summary>
    public static FaultException Refused(FaultCode fault, string reason) => new(fault, reason);

    private static string Target(AttachmentRow row) => $"{AttachmentWords.Of(row.TargetType)} {row.Target}";
}
