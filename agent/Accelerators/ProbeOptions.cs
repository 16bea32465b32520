using Cyborg.Hosting;

namespace Cyborg.Agent.Accelerators;

/// <summary>How the health of installed devices is looked at.</summary>
public sealed record ProbeOptions
{
    /// <summary><c>[agent] probe_timeout</c>.</summary>
    public static readonly Option<int> TimeoutOption = Options.Integer(
        "agent", "probe_timeout", 10, "Seconds that a driver may take to look at the health of one device; then the device counts as ill.", min: 1, max: 3600);

    /// <summary><c>[agent] probe_successes</c>.</summary>
    public static readonly Option<int> SuccessesOption = Options.Integer(
        "agent", "probe_successes", 3, "Good looks in a row, one in each cycle, after which an ill device is ready again.", min: 1, max: 1000);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [TimeoutOption, SuccessesOption];

    /// <summary>Time of one probe; 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Good probes after which an ill device is well; 3.</summary>
    public int Successes { get; init; } = 3;

    /// <summary>Reads them.</summary>
    public static ProbeOptions Read(CyborgConfig config) => new()
    {
        Timeout = TimeSpan.FromSeconds(config.Get(TimeoutOption)),
        Successes = config.Get(SuccessesOption),
    };
}
