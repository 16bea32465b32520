using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Cyborg.Messaging;

/// <summary>What this room counts, under the meter <c>Cyborg.Messaging</c>, and the activity source of the same name.</summary>
internal static class BusMetrics
{
    public const string Name = "Cyborg.Messaging";

    public static readonly ActivitySource Activities = new(Name);

    private static readonly Meter Meter = new(Name);

    /// <summary>Calls made; tags <c>verb</c> and <c>outcome</c> (<c>ok</c>, <c>cancelled</c> or the fault code).</summary>
    public static readonly Histogram<double> Calls =
        Meter.CreateHistogram<double>("cyborg.bus.call.duration", "s", "Calls made, re-sends included.");

    /// <summary>Calls served; tags <c>verb</c> and <c>outcome</c> (<c>ok</c> or the fault code).</summary>
    public static readonly Histogram<double> Served =
        Meter.CreateHistogram<double>("cyborg.bus.served.duration", "s", "Calls served, the wait for a handler included.");

    /// <summary>Re-sends; tags <c>verb</c> and <c>reason</c> (<c>lost</c> or <c>busy</c>).</summary>
    public static readonly Counter<long> Resends =
        Meter.CreateCounter<long>("cyborg.bus.resends", "{message}", "Calls sent again with the same ids.");

    /// <summary>Calls that joined a running one of the same ids; tag <c>verb</c>.</summary>
    public static readonly Counter<long> Joined =
        Meter.CreateCounter<long>("cyborg.bus.joined", "{call}", "Re-sends that joined the call in flight.");

    /// <summary>Messages lost; tag <c>reason</c> (<c>slow_consumer</c>, <c>broken</c>, <c>no_reply_address</c>).</summary>
    public static readonly Counter<long> Dropped =
        Meter.CreateCounter<long>("cyborg.bus.dropped", "{message}", "Messages lost or given up half-received.");

    /// <summary>Answers that nobody waits for any more.</summary>
    public static readonly Counter<long> Late =
        Meter.CreateCounter<long>("cyborg.bus.late", "{message}", "Answers that came too late.");

    /// <summary>Calls that a server has taken and not answered yet; tag <c>verb</c>.</summary>
    public static readonly UpDownCounter<long> InFlight =
        Meter.CreateUpDownCounter<long>("cyborg.bus.in_flight", "{call}", "Calls taken and not answered yet: they wait for a handler, or run.");

    /// <summary>Calls refused because the server had as much work as it takes; tag <c>verb</c>.</summary>
    public static readonly Counter<long> Busy =
        Meter.CreateCounter<long>("cyborg.bus.busy", "{call}", "Calls refused because the server had as much work as it takes.");

    public static KeyValuePair<string, object?> Tag(string name, object? value) => new(name, value);
}
