namespace Cyborg.Conductor.Nova;

/// <summary>What becomes of a server's accelerator requests after a look at it.</summary>
internal enum OrphanStep
{
    /// <summary>Nova does not say: nothing is known better than before.</summary>
    AskAgain,
    /// <summary>They are the server's.</summary>
    Keep,
    /// <summary>They seem to be nobody's: a second look decides.</summary>
    Suspect,
    /// <summary>They are nobody's.</summary>
    GiveBack,
}

/// <summary>Decides when accelerator requests are nobody's. Pure functions.</summary>
internal static class OrphanRules
{
    /// <summary>Seconds between looks, at most.</summary>
    public const double Longest = 86400;

    /// <summary>What follows from a look. Two looks in a row have to agree, so that what Nova shows for a moment does not count, and so that
    /// nova-compute has had the time to see what its hypervisor runs.</summary>
    /// <param name="fate">What Nova says.</param>
    /// <param name="suspect">True if the look before found them nobody's.</param>
    /// <param name="novaKnowsOurs">True if this Nova has shown a server with accelerator requests since the conductor started. Another region's Nova, or one
    /// that shows its servers only to others, knows no server, and would have all of them given back.</param>
    public static OrphanStep After(ServerFate fate, bool suspect, bool novaKnowsOurs) => fate switch
    {
        ServerFate.Unknown => OrphanStep.AskAgain,
        ServerFate.NeverStarted => suspect ? OrphanStep.GiveBack : OrphanStep.Suspect,
        ServerFate.Gone when novaKnowsOurs => suspect ? OrphanStep.GiveBack : OrphanStep.Suspect,
        _ => OrphanStep.Keep,
    };

    /// <summary>Seconds until the next look: as long again as the server has had its requests, a day at most; a second look comes sooner.</summary>
    /// <param name="step">What followed from this look.</param>
    /// <param name="looks">Looks before this one.</param>
    /// <param name="interval">Seconds before the first look.</param>
    public static double Delay(OrphanStep step, int looks, double interval) =>
        step == OrphanStep.Keep ? Math.Min(interval * Math.Pow(2, Math.Min(looks, 30)), Math.Max(interval, Longest)) : interval;
}
