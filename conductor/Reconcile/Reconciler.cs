using Cyborg.Storage;
using Microsoft.Extensions.Logging;

namespace Cyborg.Conductor.Reconcile;

/// <summary>Mends drift at start and every minute: each finding in a transaction of its own, on condition that it still holds, and each logged.</summary>
internal sealed class Reconciler(CyborgDatabase database, bool tellNova, ILogger log, TimeProvider time)
{
    private readonly Pulse _pulse = new(TimeSpan.FromMinutes(1), time);

    /// <summary>Works until it is stopped.</summary>
    public Task RunAsync(CancellationToken stop) => _pulse.RunAsync(RoundAsync, error => Log.ReconcileFailed(log, error), stop);

    /// <summary>Mends what there is now.</summary>
    public async Task<bool> RoundAsync(CancellationToken stop)
    {
        foreach (var finding in await Drift.FindAsync(database, tellNova, stop))
        {
            if (await database.TransactAsync(finding.MendAsync, stop))
                Log.Mended(log, finding.ArqUuid, finding.Text);
        }
        return false;
    }
}
