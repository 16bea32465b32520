using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Cyborg.Agent.Telemetry;

/// <summary>What an agent counts, and the spans of what its drivers do; doc/observability.md.</summary>
internal static class AgentMetrics
{
    private const string Name = "Cyborg.Agent";

    private static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    /// <summary>What drivers do; tags <c>driver</c>, <c>operation</c> and <c>outcome</c> (<c>ok</c>, <c>failed</c>).</summary>
    public static readonly Histogram<double> Drivers = Meter.CreateHistogram<double>(
        "cyborg.agent.driver.duration", "s", "What drivers do: look for devices, attach, detach, measure.");

    /// <summary>Reports; tag <c>outcome</c> (<c>ok</c>, <c>failed</c>).</summary>
    public static readonly Histogram<double> Reports = Meter.CreateHistogram<double>(
        "cyborg.agent.report.duration", "s", "Reports of the host's devices to a conductor.");

    /// <summary>1 while the lease is confirmed.</summary>
    public static readonly Gauge<long> Lease = Meter.CreateGauge<long>(
        "cyborg.agent.lease", "{lease}", "1 while a conductor has confirmed this agent's hold on its host's name, else 0.");

    /// <summary>Devices of the host.</summary>
    public static readonly Gauge<long> Devices = Meter.CreateGauge<long>(
        "cyborg.agent.devices", "{device}", "Devices that the drivers have found.");

    /// <summary>Has a driver do something, measured and traced.</summary>
    /// <param name="driver">Its name.</param>
    /// <param name="operation">What it does.</param>
    /// <param name="work">Does it.</param>
    /// <param name="worked">Whether it worked.</param>
    public static async Task<T> MeasureAsync<T>(string driver, string operation, Func<Task<T>> work, Func<T, bool> worked)
    {
        using var activity = Source.StartActivity($"driver {operation}");
        activity?.SetTag("cyborg.driver", driver);
        var started = Stopwatch.GetTimestamp();
        var good = false;
        try
        {
            var result = await work().ConfigureAwait(false);
            good = worked(result);
            return result;
        }
        finally
        {
            if (!good)
                activity?.SetStatus(ActivityStatusCode.Error);
            Drivers.Record(
                Stopwatch.GetElapsedTime(started).TotalSeconds,
                new TagList { { "driver", driver }, { "operation", operation }, { "outcome", good ? "ok" : "failed" } });
        }
    }
}
