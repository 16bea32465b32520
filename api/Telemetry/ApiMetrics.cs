using System.Diagnostics.Metrics;

namespace Cyborg.Api.Telemetry;

/// <summary>What the API counts; doc/observability.md.</summary>
internal static class ApiMetrics
{
    private static readonly Meter Meter = new("Cyborg.Api");

    /// <summary>Requests answered.</summary>
    public static readonly Histogram<double> Requests = Meter.CreateHistogram<double>(
        "cyborg.api.request.duration", "s", "Requests answered, by method, route and status.");

    /// <summary>Requests that are being answered.</summary>
    public static readonly UpDownCounter<long> Active = Meter.CreateUpDownCounter<long>(
        "cyborg.api.active_requests", "{request}", "Requests that are being answered.");
}
