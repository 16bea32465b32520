using System.Diagnostics;

namespace Cyborg.Hosting.Faults;

/// <summary>A moment at which a process may die with the most to lose. The kill-at-every-step test enumerates them all.</summary>
public enum FaultPoint
{
    /// <summary>Conductor: a bind is committed, its reply is not sent.</summary>
    BindCommitted,
    /// <summary>Conductor: an attach job is claimed, the agent is not asked.</summary>
    AttachClaimed,
    /// <summary>Conductor: the agent has attached, the outcome is not written.</summary>
    AttachAnswered,
    /// <summary>Conductor: the outcome of an attach is committed, its event is not sent.</summary>
    AttachCompleted,
    /// <summary>Conductor: an event is claimed, not sent.</summary>
    EventClaimed,
    /// <summary>Conductor: Nova has the event, its row still stands.</summary>
    EventSent,
    /// <summary>Conductor: an unbind or a delete is committed, its reply is not sent.</summary>
    ReleaseCommitted,
    /// <summary>Conductor: a release job is claimed, the agent is not asked.</summary>
    ReleaseClaimed,
    /// <summary>Conductor: the agent has detached, the outcome is not written.</summary>
    ReleaseAnswered,
    /// <summary>Conductor: a report is carried out, its reply is not sent.</summary>
    ReportCommitted,
    /// <summary>Conductor: the programming of a deployable is claimed, the agent is not asked.</summary>
    ProgramClaimed,
    /// <summary>Conductor: the agent has programmed, the outcome is not written.</summary>
    ProgramAnswered,
    /// <summary>Conductor: it is written what the deployable runs, the handle is not attached.</summary>
    ProgramCompleted,
    /// <summary>Conductor: an attachment is committed, nothing is done for it.</summary>
    AttachmentOrdered,
    /// <summary>Conductor: Placement has an attachment's claim, its row does not say so.</summary>
    AttachmentClaimed,
    /// <summary>Conductor: an attachment's ARQ is committed, nothing more is done.</summary>
    AttachmentBound,
    /// <summary>Conductor: Nova has taken an attachment's action, the row does not say so.</summary>
    AttachmentActed,
    /// <summary>Conductor: an attachment is committed as attached, its reply is not sent.</summary>
    AttachmentEnded,
    /// <summary>Conductor: a detach is committed, nothing is done for it.</summary>
    DetachmentOrdered,
    /// <summary>Conductor: Nova has taken the action to detach, the row does not say so.</summary>
    DetachmentActed,
    /// <summary>Conductor: a detached attachment's ARQ is deleted, its claim stands.</summary>
    DetachmentReleased,
    /// <summary>Conductor: Placement has an attachment's claim no more, its row stands.</summary>
    DetachmentUnclaimed,
    /// <summary>Agent: a command is in the journal, the hardware is untouched.</summary>
    WorkJournaled,
    /// <summary>Agent: the hardware is done, the journal does not say so.</summary>
    HardwareDone,
    /// <summary>Agent: the outcome is in the journal, the reply is not sent.</summary>
    OutcomeJournaled,
    /// <summary>Agent: a command to program is in the journal, its image is not there yet.</summary>
    ProgramJournaled,
    /// <summary>Agent: the image is there, the hardware is untouched.</summary>
    ImageFetched,
    /// <summary>Agent: the device is programmed, the journal does not say so.</summary>
    DeviceProgrammed,
    /// <summary>Agent: the outcome of a programming is in the journal, the reply is not sent.</summary>
    ProgramOutcomeJournaled,
    /// <summary>Agent: a new journal is written, not yet in the old one's place.</summary>
    JournalWritten,
}

/// <summary>Lets a process be killed at a <see cref="FaultPoint"/>. Costs one comparison where nothing is armed.</summary>
public static class FaultPoints
{
    /// <summary>Environment variable that names a point at which the process kills itself with SIGKILL.</summary>
    public const string Variable = "CYBORG_KILL_AT";

    /// <summary>Those of attachments of API v1.</summary>
    public static IReadOnlyList<FaultPoint> OfAttachments { get; } =
    [
        FaultPoint.AttachmentOrdered, FaultPoint.AttachmentClaimed, FaultPoint.AttachmentBound, FaultPoint.AttachmentActed, FaultPoint.AttachmentEnded,
        FaultPoint.DetachmentOrdered, FaultPoint.DetachmentActed, FaultPoint.DetachmentReleased, FaultPoint.DetachmentUnclaimed,
    ];

    private static readonly FaultPoint? Armed =
        Enum.TryParse<FaultPoint>(Environment.GetEnvironmentVariable(Variable), out var point) ? point : null;

    /// <summary>For tests within one process: called at each point that is reached; null for nobody.</summary>
    public static Action<FaultPoint>? Reached { get; set; }

    /// <summary>Says that the process has come to a point.</summary>
    public static void Reach(FaultPoint point)
    {
        Reached?.Invoke(point);
        if (Armed == point)
            Process.GetCurrentProcess().Kill();
    }
}
