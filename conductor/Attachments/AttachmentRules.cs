using Cyborg.Model;
using Cyborg.Storage;
using Cyborg.Storage.Rows;

namespace Cyborg.Conductor.Attachments;

/// <summary>What came of a step.</summary>
internal enum StepResult
{
    /// <summary>It is done.</summary>
    Done,
    /// <summary>Others are at work on it: look again soon.</summary>
    Wait,
    /// <summary>It could not be done, or nobody knows whether it is: try again later.</summary>
    Later,
    /// <summary>It cannot be done.</summary>
    Refused,
    /// <summary>What it was to use is taken: choose anew.</summary>
    Again,
    /// <summary>The row has gone on to its next step in the step's own transaction.</summary>
    Moved,
}

/// <summary>What came of a step.</summary>
/// <param name="Result">The kind.</param>
/// <param name="Reason">Why it is not done.</param>
/// <param name="Fault">What is wrong, if it was refused.</param>
internal sealed record StepOutcome(StepResult Result, string? Reason = null, FaultCode Fault = FaultCode.Conflict)
{
    /// <summary>The deployable that was claimed.</summary>
    public int? Deployable { get; init; }

    /// <summary>Nova's id of what it was asked.</summary>
    public string? NovaRequest { get; init; }

    public static StepOutcome Done { get; } = new(StepResult.Done);

    public static StepOutcome Wait { get; } = new(StepResult.Wait);

    public static StepOutcome Moved { get; } = new(StepResult.Moved);

    public static StepOutcome Later(string problem) => new(StepResult.Later, problem);

    public static StepOutcome Refused(string reason, FaultCode fault = FaultCode.Conflict) => new(StepResult.Refused, reason, fault);
}

/// <summary>What is done with the row after a step.</summary>
internal enum StepEnd
{
    /// <summary>It goes on as <see cref="StepDecision.Move"/> says.</summary>
    Move,
    /// <summary>The row goes.</summary>
    Remove,
    /// <summary>The step is looked at again soon.</summary>
    Wait,
    /// <summary>The step is tried again later.</summary>
    Later,
}

/// <summary>What is done with the row after a step.</summary>
/// <param name="End">The kind.</param>
/// <param name="Move">How the row goes on.</param>
/// <param name="Problem">Why it is tried later.</param>
internal sealed record StepDecision(StepEnd End, AttachmentMove? Move = null, string? Problem = null);

/// <summary>Decides how an attachment goes on. Pure. An attach that is refused is undone from where it is, the last first; the claim in Placement goes last of
/// all, so that nobody is given what a host has still to undo.</summary>
internal static class AttachmentRules
{
    /// <summary>How long Nova may take for what it has accepted, in seconds.</summary>
    public const double NovaPatience = 300;

    /// <summary>True if a failure is the reason why the attachment is given back, and not somebody's wish.</summary>
    public static bool IsRollback(AttachmentRow row) => row is { Fault: not null, State: AttachmentState.Detaching or AttachmentState.Error };

    /// <summary>The first step of an attach.</summary>
    /// <param name="target">What it is attached to.</param>
    /// <param name="trusted">True if the caller may use any server.</param>
    public static AttachmentStep First(AttachTarget target, bool trusted) =>
        target == AttachTarget.Instance && !trusted ? AttachmentStep.Check : AttachmentStep.Claim;

    /// <summary>Where a detach begins that comes while the row is so; null if it has begun.</summary>
    public static AttachmentStep? Undo(AttachmentRow row) => (row.State, row.Step) switch
    {
        (AttachmentState.Attached, _) => row.TargetType == AttachTarget.Instance ? AttachmentStep.Undo : AttachmentStep.Release,
        (AttachmentState.Attaching, AttachmentStep.Check or AttachmentStep.Claim or AttachmentStep.Bind) => AttachmentStep.Unclaim,
        (AttachmentState.Attaching, AttachmentStep.Prepare) => AttachmentStep.Release,
        (AttachmentState.Attaching, AttachmentStep.Act) => row.JobAttempts == 0 ? AttachmentStep.Release : AttachmentStep.Undo,
        (AttachmentState.Attaching, AttachmentStep.Acting) => AttachmentStep.Undo,
        _ => null,
    };

    /// <summary>What follows an outcome.</summary>
    /// <param name="job">The step, as it was when it began.</param>
    /// <param name="outcome">What came of it.</param>
    public static StepDecision After(AttachmentJob job, StepOutcome outcome) => outcome.Result switch
    {
        StepResult.Done => AfterDone(job.Row, outcome),
        StepResult.Refused => AfterRefusal(job.Row, outcome),
        StepResult.Again => On(job.Row, AttachmentStep.Claim),
        StepResult.Wait when job.Row.Step == AttachmentStep.Acting && job.Age > NovaPatience =>
            Back(AttachmentStep.Undo, "Nova did not end it in time.", FaultCode.BackendFailed),
        StepResult.Wait => new StepDecision(StepEnd.Wait),
        _ => new StepDecision(StepEnd.Later, Problem: outcome.Reason),
    };

    /// <summary>Seconds until a step is tried again that could not be done: a half, doubled each time, 30 at most.</summary>
    public static double Delay(int attempts) => Math.Min(0.5 * Math.Pow(2, Math.Clamp(attempts, 0, 10)), 30);

    private static StepDecision AfterDone(AttachmentRow row, StepOutcome outcome) => row.Step switch
    {
        AttachmentStep.Check => On(row, AttachmentStep.Claim),
        AttachmentStep.Claim => On(row, AttachmentStep.Bind) with
        {
            Move = new AttachmentMove(AttachmentState.Attaching, AttachmentStep.Bind, null, null) { Deployable = outcome.Deployable },
        },
        AttachmentStep.Prepare when row.TargetType == AttachTarget.Instance => On(row, AttachmentStep.Act),
        AttachmentStep.Prepare or AttachmentStep.Acting => Attached,
        AttachmentStep.Act when outcome.NovaRequest is { } request => On(row, AttachmentStep.Acting, request),
        AttachmentStep.Act => Attached,
        AttachmentStep.Undo when outcome.NovaRequest is { } request => On(row, AttachmentStep.Undoing, request),
        AttachmentStep.Undo or AttachmentStep.Undoing => On(row, AttachmentStep.Release),
        AttachmentStep.Release => On(row, AttachmentStep.Drain),
        AttachmentStep.Drain => On(row, AttachmentStep.Unclaim),
        AttachmentStep.Unclaim => new StepDecision(StepEnd.Remove),
        _ => throw new InvalidOperationException($"The step {row.Step} has an outcome of its own."),
    };

    private static StepDecision AfterRefusal(AttachmentRow row, StepOutcome outcome)
    {
        var reason = outcome.Reason ?? "It was refused.";
        switch (row.Step)
        {
            case AttachmentStep.Check:
                return new StepDecision(StepEnd.Remove);
            case AttachmentStep.Claim or AttachmentStep.Bind:
                return Back(AttachmentStep.Unclaim, reason, outcome.Fault);
            case AttachmentStep.Prepare or AttachmentStep.Acting:
                return Back(AttachmentStep.Release, reason, outcome.Fault);
            case AttachmentStep.Act:
                // Nova may have taken it before: an answer was lost, or a conductor died.
                return Back(row.JobAttempts == 0 ? AttachmentStep.Release : AttachmentStep.Undo, reason, outcome.Fault);
            case AttachmentStep.Undo or AttachmentStep.Undoing when !IsRollback(row):
                // The server has it still.
                return Attached;
            case AttachmentStep.Undo or AttachmentStep.Undoing when outcome.Fault == FaultCode.Conflict:
                return new StepDecision(StepEnd.Later, Problem: reason);
            case AttachmentStep.Undo or AttachmentStep.Undoing:
                return On(row, AttachmentStep.Release);
            case AttachmentStep.Drain when row.State != AttachmentState.Error:
                return new StepDecision(
                    StepEnd.Move, new AttachmentMove(AttachmentState.Error, AttachmentStep.Drain, reason, Code(row) ?? FaultCode.BackendFailed));
            default:
                return new StepDecision(StepEnd.Later, Problem: reason);
        }
    }

    private static StepDecision Attached { get; } = new(StepEnd.Move, new AttachmentMove(AttachmentState.Attached, null, null, null));

    /// <summary>Forward, whichever way the row is going.</summary>
    private static StepDecision On(AttachmentRow row, AttachmentStep step, string? request = null) => new(
        StepEnd.Move,
        row.State == AttachmentState.Attaching
            ? new AttachmentMove(AttachmentState.Attaching, step, null, null) { NovaRequest = request }
            : new AttachmentMove(AttachmentState.Detaching, step, IsRollback(row) ? row.Reason : null, Code(row)) { NovaRequest = request });

    private static StepDecision Back(AttachmentStep step, string reason, FaultCode fault) =>
        new(StepEnd.Move, new AttachmentMove(AttachmentState.Detaching, step, reason, fault));

    private static FaultCode? Code(AttachmentRow row) => Enum.TryParse<FaultCode>(row.Fault, out var code) ? code : null;
}
