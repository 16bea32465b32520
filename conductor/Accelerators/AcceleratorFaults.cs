using Cyborg.Model;

namespace Cyborg.Conductor.Accelerators;

/// <summary>What can be wrong with a call about an accelerator.</summary>
internal static class AcceleratorFaults
{
    public static FaultException NotFound(Guid uuid) => new(FaultCode.AcceleratorNotFound, $"Accelerator not found with uuid={uuid}");

    public static FaultException Generation(Guid uuid, long generation) => new(
        FaultCode.Conflict, $"Accelerator {uuid} was changed by another process: its spec is in generation {generation} now. Get it, and try again.");

    public static FaultException Working(Guid uuid) => new(
        FaultCode.Conflict, $"The backend of accelerator {uuid} is at work on it. Try again when it has ended.");

    public static FaultException NeverMade(Guid uuid) => new(
        FaultCode.Conflict, $"Accelerator {uuid} could not be made: there is nothing to change. Delete it and create it anew.");

    public static FaultException Refused(string reason, bool notSupported) =>
        new(notSupported ? FaultCode.NotSupportedByDriver : FaultCode.BackendFailed, reason);

    public static FaultException StillGoingOn(Guid uuid) => new(
        FaultCode.StillGoingOn, $"The backend of accelerator {uuid} has not answered yet. The work goes on; GET shows how it ends.");
}
