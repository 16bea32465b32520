using System.Diagnostics.Metrics;

namespace Cyborg.Conductor.Telemetry;

/// <summary>What a conductor counts; doc/observability.md.</summary>
internal static class ConductorMetrics
{
    private static readonly Meter Meter = new("Cyborg.Conductor");

    /// <summary>Steps of binds; tags <c>step</c> (<c>commit</c>, <c>host</c>, <c>notify</c>) and <c>outcome</c>.</summary>
    public static readonly Histogram<double> BindSteps = Meter.CreateHistogram<double>(
        "cyborg.conductor.bind.step.duration", "s", "Steps of binds: the transaction, the work on the host, the word to Nova.");

    /// <summary>Reports of agents carried out.</summary>
    public static readonly Histogram<double> Reports = Meter.CreateHistogram<double>(
        "cyborg.conductor.report.duration", "s", "Reports of hosts' devices carried out.");

    /// <summary>Combined writes of heartbeats.</summary>
    public static readonly Histogram<double> HeartbeatWrites = Meter.CreateHistogram<double>(
        "cyborg.conductor.heartbeat.write.duration", "s", "Combined writes of heartbeats.");

    /// <summary>Heartbeats written.</summary>
    public static readonly Counter<long> Heartbeats = Meter.CreateCounter<long>(
        "cyborg.conductor.heartbeats", "{heartbeat}", "Heartbeats that came, all hosts together.");

    /// <summary>Reads of cached lists; tags <c>kind</c> and <c>result</c> (<c>hit</c>, <c>miss</c>).</summary>
    public static readonly Counter<long> CacheReads = Meter.CreateCounter<long>(
        "cyborg.conductor.cache.reads", "{read}", "Looks at what is kept of the database, by kind and by whether it was still current.");

    /// <summary>Hosts fenced by this conductor.</summary>
    public static readonly Counter<long> Fences = Meter.CreateCounter<long>(
        "cyborg.conductor.fences", "{host}", "Hosts that this conductor has fenced.");

    /// <summary>Messages to Nova settled; tags <c>status</c> (<c>completed</c>, <c>failed</c>) and <c>verdict</c>.</summary>
    public static readonly Counter<long> Events = Meter.CreateCounter<long>(
        "cyborg.conductor.nova.events", "{event}", "Messages to Nova, by what they say and by what came of them.");

    /// <summary>Broadcasts of usage; tag <c>result</c> (<c>taken</c>, <c>crowded</c>, <c>malformed</c>).</summary>
    public static readonly Counter<long> UsageMessages = Meter.CreateCounter<long>(
        "cyborg.conductor.usage.messages", "{message}", "Broadcasts of usage that were heard.");

    /// <summary>Devices whose usage is remembered.</summary>
    public static readonly Gauge<long> UsageDevices = Meter.CreateGauge<long>(
        "cyborg.conductor.usage.devices", "{device}", "Devices whose usage this conductor remembers.");

    /// <summary>Messages that are owed to Nova.</summary>
    public static readonly Gauge<long> OutboxLength = Meter.CreateGauge<long>(
        "cyborg.conductor.outbox.length", "{event}", "Messages that are owed to Nova, as the database has them.");

    /// <summary>Age of the oldest of them.</summary>
    public static readonly Gauge<double> OutboxAge = Meter.CreateGauge<double>(
        "cyborg.conductor.outbox.age", "s", "Age of the oldest message that is owed to Nova; 0 if there is none.");

    /// <summary>Hosts; tag <c>lease</c> (<c>held</c>, <c>expired</c>, <c>fenced</c>).</summary>
    public static readonly Gauge<long> Hosts = Meter.CreateGauge<long>(
        "cyborg.conductor.hosts", "{host}", "Hosts by their agent's lease, as the database has them.");

    /// <summary>A tag.</summary>
    public static KeyValuePair<string, object?> Tag(string name, object? value) => new(name, value);
}
