using System.Collections.Concurrent;
using Cyborg.Storage;
using Microsoft.Extensions.Logging;

namespace Cyborg.Conductor.Providers;

/// <summary>Reserves all of some providers in Placement.</summary>
/// <param name="providers">The providers; one that Placement does not know is no problem.</param>
/// <param name="stillFenced">Asked after each look at a provider and before it is written: false ends the work.</param>
/// <param name="stop">Gives up.</param>
/// <returns>Null if all are reserved or the fence is over; else why not.</returns>
internal delegate Task<string?> ReserveProviders(IReadOnlyList<Guid> providers, Func<CancellationToken, Task<bool>> stillFenced, CancellationToken stop);

/// <summary>Has Placement show the fences of dead agents' hosts: what they offer is reserved whole, so that no server is sent there. The row is the job:
/// <c>hosts.fence_shown</c> is not the epoch of a fenced host. Any conductor does it, and two do no harm.</summary>
/// <remarks>
/// Only the agent ends a fence, and it writes to Placement only after the database has ended it. This looks at the database after it has read a
/// provider's generation: if the agent comes between, either the look shows it or the generation has moved on, and nothing is written over what the
/// agent restored.
/// </remarks>
internal sealed class Fences(CyborgDatabase database, ReserveProviders reserve, ILogger log, TimeProvider time)
{
    private const int HostsAtOnce = 4;
    private const double LongestPause = 30;

    // The host watch nudges as often as it looks.
    private readonly Pulse _pulse = new(TimeSpan.FromSeconds(LongestPause), time);
    private readonly ConcurrentDictionary<string, Failure> _failures = new();

    /// <summary>There is a fence to show.</summary>
    public void Nudge() => _pulse.Nudge();

    /// <summary>Works until it is stopped.</summary>
    public Task RunAsync(CancellationToken stop) => _pulse.RunAsync(RoundAsync, error => Log.FencesFailed(log, error), stop);

    /// <summary>Shows the fences that are due.</summary>
    internal async Task<bool> RoundAsync(CancellationToken stop)
    {
        var owed = await database.ReadAsync(ProviderStore.OwedFencesAsync, stop);
        foreach (var host in _failures.Keys.Except(owed.Select(fence => fence.Hostname)))
            _failures.TryRemove(host, out _);
        await Parallel.ForEachAsync(
            owed.Where(IsDue), new ParallelOptions { MaxDegreeOfParallelism = HostsAtOnce, CancellationToken = stop },
            async (fence, cancel) => await ShowAsync(fence, cancel));
        return false;
    }

    /// <summary>Seconds until a host is tried again: 1, 2, 4, ... 30.</summary>
    internal static double Pause(int attempts) => Math.Min(Math.Pow(2, Math.Min(attempts, 10)), LongestPause);

    private bool IsDue(OwedFence fence) =>
        !_failures.TryGetValue(fence.Hostname, out var failure) || time.GetElapsedTime(failure.At) >= TimeSpan.FromSeconds(Pause(failure.Attempts));

    private async Task ShowAsync(OwedFence fence, CancellationToken stop)
    {
        var problem = await TryAsync(fence, stop);
        if (problem is null)
        {
            _failures.TryRemove(fence.Hostname, out _);
            if (await database.TransactAsync(session => ProviderStore.FenceShownAsync(session, fence.Hostname, fence.Epoch), stop))
                Log.FenceShown(log, fence.Hostname, fence.Epoch, fence.Providers.Count);
            return;
        }
        var before = _failures.GetValueOrDefault(fence.Hostname);
        if (before?.Problem != problem)
            Log.FenceLater(log, fence.Hostname, fence.Epoch, problem);
        _failures[fence.Hostname] = new Failure(problem, before is null ? 0 : before.Attempts + 1, time.GetTimestamp());
    }

    private async Task<string?> TryAsync(OwedFence fence, CancellationToken stop)
    {
        try
        {
            return await reserve(
                fence.Providers,
                cancel => database.ReadAsync(session => ProviderStore.IsFencedAsync(session, fence.Hostname, fence.Epoch), cancel),
                stop);
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            // One host's trouble is not another's.
            return error.Message;
        }
    }

    private sealed record Failure(string Problem, int Attempts, long At);
}
