using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Cyborg.Identity.Session;

namespace Cyborg.Placement;

/// <summary>What this room counts; doc/observability.md.</summary>
internal static class PlacementMetrics
{
    private static readonly Meter Meter = new("Cyborg.Placement");

    /// <summary>Calls to Placement.</summary>
    public static readonly Histogram<double> Calls = Meter.CreateHistogram<double>(
        "cyborg.placement.call.duration", "s", "Calls to Placement, by method and status; status none if there was no answer.");

    /// <summary>Makes a call, and measures it.</summary>
    public static async Task<HttpResponseMessage> MeasureAsync(
        Func<ServiceRequest, CancellationToken, Task<HttpResponseMessage>> send, ServiceRequest request, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        var status = "none";
        try
        {
            var answer = await send(request, stop).ConfigureAwait(false);
            status = ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
            return answer;
        }
        finally
        {
            Calls.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, new TagList { { "method", request.Method.Method }, { "status", status } });
        }
    }
}
