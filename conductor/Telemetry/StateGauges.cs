using Cyborg.Conductor.Usage;
using Cyborg.Storage;
using Microsoft.Extensions.Logging;

namespace Cyborg.Conductor.Telemetry;

/// <summary>Measures, now and then and only if somebody reads metrics, what is a fact of the database and not of this process: the outbox and the leases. One
/// statement each time. Every conductor says the same.</summary>
internal sealed class StateGauges(CyborgDatabase database, ConductorOptions options, UsageBoard usage, ILogger log, TimeProvider time)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <summary>Measures until <paramref name="stop"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Every, time);
        var failing = false;
        try
        {
            do
                failing = ConductorMetrics.Hosts.Enabled && !await TryMeasureAsync(failing, stop);
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The conductor stops.
        }
    }

    private async Task<bool> TryMeasureAsync(bool failing, CancellationToken stop)
    {
        try
        {
            Show(await database.ReadAsync(session => FigureStore.ReadAsync(session, options.LeaseTimeout), stop));
            ConductorMetrics.UsageDevices.Record(usage.Count);
            return true;
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            // The watch of the hosts tells of a database that is away.
            if (!failing)
                Log.NotMeasured(log, error.Message);
            return false;
        }
    }

    private static void Show(StateFigures figures)
    {
        ConductorMetrics.OutboxLength.Record(figures.OutboxLength);
        ConductorMetrics.OutboxAge.Record(figures.OutboxSince is { } since ? Math.Max(0, (figures.Clock - since).TotalSeconds) : 0);
        ConductorMetrics.Hosts.Record(figures.Hosts - figures.Fenced - figures.Expired, ConductorMetrics.Tag("lease", "held"));
        ConductorMetrics.Hosts.Record(figures.Expired, ConductorMetrics.Tag("lease", "expired"));
        ConductorMetrics.Hosts.Record(figures.Fenced, ConductorMetrics.Tag("lease", "fenced"));
    }
}
