using Cyborg.Agent.Journal;

namespace Cyborg.Agent.Handles;

/// <summary>What to do with a command for a handle.</summary>
internal enum HandleDecision
{
    /// <summary>Write it to the journal, then do it.</summary>
    Run,
    /// <summary>Do it again: the journal has it, and it did not end well.</summary>
    RunAgain,
    /// <summary>Answer with the outcome of the same work, which is under way.</summary>
    Join,
    /// <summary>Answer with the outcome in the journal.</summary>
    Stored,
    /// <summary>Refuse it: newer work of the handle is known.</summary>
    Stale,
    /// <summary>Refuse it: other work was known by this generation.</summary>
    Contradiction,
}

/// <summary>Which commands for a handle are done; pure.</summary>
internal static class HandleRules
{
    /// <summary>Decides.</summary>
    /// <param name="known">The newest work known of the handle; null if none.</param>
    /// <param name="underWay">That work waits or runs in this process.</param>
    /// <param name="asked">What is asked now.</param>
    public static HandleDecision Decide(HandleEntry? known, bool underWay, HandleEntry asked)
    {
        if (known is null || asked.Generation > known.Generation)
            return HandleDecision.Run;
        if (asked.Generation < known.Generation)
            return HandleDecision.Stale;
        if (!asked.SameWork(known))
            return HandleDecision.Contradiction;
        if (underWay)
            return HandleDecision.Join;
        return known switch
        {
            { Stage: HandleStage.Done } => HandleDecision.Stored,
            // A failed attach fails the bind, and the conductor may ask again only to hear it. A failed detach has to work sometime, and has no other
            // generation to try with: a stored failure would leak the handle.
            { Stage: HandleStage.Failed, Attaches: true } => HandleDecision.Stored,
            _ => HandleDecision.RunAgain,
        };
    }
}
