namespace Cyborg.Agent.Accelerators;

/// <summary>What follows from one probe.</summary>
/// <param name="Tell">True if the conductor is to be told: the device's health has changed.</param>
/// <param name="Streak">Good probes in a row since the device was ill.</param>
internal readonly record struct HealthVerdict(bool Tell, int Streak);

/// <summary>Judges probes; pure. One bad probe makes a device ill, several good ones in a row make it well.</summary>
internal static class HealthRules
{
    /// <summary>Judges a probe.</summary>
    /// <param name="ill">True if the conductor has the device as ill.</param>
    /// <param name="good">How the probe ended.</param>
    /// <param name="streak">Good probes in a row before.</param>
    /// <param name="needed">Good probes in a row that make it well.</param>
    public static HealthVerdict Judge(bool ill, bool good, int streak, int needed) => (ill, good) switch
    {
        (false, true) => new HealthVerdict(false, 0),
        (false, false) => new HealthVerdict(true, 0),
        (true, false) => new HealthVerdict(false, 0),
        // Told again in the next cycle, should this word be lost.
        (true, true) => new HealthVerdict(streak + 1 >= needed, Math.Min(streak + 1, needed)),
    };
}
