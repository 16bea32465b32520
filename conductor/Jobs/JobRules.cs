using Cyborg.Conductor.Deployables;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Jobs;

/// <summary>What is done with a job after an attempt.</summary>
internal enum JobStep
{
    /// <summary>The host has done it.</summary>
    Complete,
    /// <summary>It failed for good.</summary>
    Fail,
    /// <summary>It is tried again later.</summary>
    Postpone,
}

/// <summary>Decides what an attempt at a job leads to. Pure.</summary>
internal static class JobRules
{
    /// <summary>A release that the driver refused so often leaves its handle in error.</summary>
    public const int MostReleases = 10;

    /// <summary>What the agent's answer leads to.</summary>
    public static JobStep After(HandleJob job, string? error) => (error, job.Attach) switch
    {
        (null, _) => JobStep.Complete,
        (_, true) => JobStep.Fail,
        _ => job.Attempts >= MostReleases ? JobStep.Fail : JobStep.Postpone,
    };

    /// <summary>What a call that brought no answer leads to. Whether the host has done it is unknown: an attach is given up once it is overdue, and
    /// undone when its request is unbound; a release is never given up for want of an answer. What its driver cannot do at all is not tried again.</summary>
    public static JobStep AfterFault(HandleJob job, FaultCode code) =>
        job.Attach && code == FaultCode.NotSupportedByDriver ? JobStep.Fail
        : job.Attach && job.Overdue && code != FaultCode.StaleCommand ? JobStep.Fail : JobStep.Postpone;

    /// <summary>What a wish for an image leads to that is not fulfilled yet.</summary>
    public static JobStep AfterProgramming(HandleJob job, ProgramStep step) => step == ProgramStep.Refuse || job.Overdue ? JobStep.Fail : JobStep.Postpone;

    /// <summary>When jobs are overdue: programming may take as long as Nova waits for a bind.</summary>
    /// <param name="bindTimeout">For work without programming.</param>
    /// <param name="eventTimeout">How long Nova waits.</param>
    public static OverdueAfter Overdue(TimeSpan bindTimeout, TimeSpan eventTimeout) =>
        new(bindTimeout.TotalSeconds, Math.Max(bindTimeout.TotalSeconds, eventTimeout.TotalSeconds));

    /// <summary>Seconds until the next attempt: a quarter, doubled each time, 5 at most.</summary>
    public static double Delay(int attempts) => Math.Min(0.25 * Math.Pow(2, Math.Clamp(attempts - 1, 0, 10)), 5);
}
