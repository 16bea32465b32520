using Cyborg.Hosting;

namespace Cyborg.Agent.Usage;

/// <summary>How often the use of devices is measured and broadcast.</summary>
public sealed record UsageOptions
{
    /// <summary><c>[agent] usage_interval</c>.</summary>
    public static readonly Option<int> IntervalOption = Options.Integer(
        "agent", "usage_interval", 60, "Seconds between two measurements of how much the devices are used; figures of which conductors hear nothing for three of them are unknown again. 0 measures nothing.",
        min: 0, max: 86400);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [IntervalOption];

    /// <summary>Time between two measurements; 60 s. Zero for none at all.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Reads them.</summary>
    public static UsageOptions Read(CyborgConfig config) => new() { Interval = TimeSpan.FromSeconds(config.Get(IntervalOption)) };
}
