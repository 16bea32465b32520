using Cyborg.Agent.Journal;

namespace Cyborg.Agent.Devices;

/// <summary>What to do with a command to program.</summary>
internal enum ProgramDecision
{
    /// <summary>Do it.</summary>
    Run,
    /// <summary>Answer with the outcome in the journal.</summary>
    Stored,
    /// <summary>Refuse it: a newer one of the deployable is known.</summary>
    Stale,
    /// <summary>Refuse it: another image was asked for by this generation.</summary>
    Contradiction,
}

/// <summary>Which commands to program are done; pure.</summary>
internal static class ProgramRules
{
    /// <summary>Decides.</summary>
    /// <param name="known">The newest that is known of the deployable; null if none.</param>
    /// <param name="asked">What is asked now.</param>
    public static ProgramDecision Decide(ProgramEntry? known, ProgramEntry asked)
    {
        if (known is null || asked.Generation > known.Generation)
            return ProgramDecision.Run;
        if (asked.Generation < known.Generation)
            return ProgramDecision.Stale;
        if (asked.Wish != known.Wish)
            return ProgramDecision.Contradiction;
        // What was under way when the agent died, or could not be had for the time being, is done again.
        return known.Stage == HandleStage.InFlight ? ProgramDecision.Run : ProgramDecision.Stored;
    }
}
