using Cyborg.Agent.Discovery;
using Cyborg.Agent.Leases;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Placement;

namespace Cyborg.Agent.Providers;

/// <summary>Keeps Placement as the database wants it, beside the reports: syncs when what is wanted has changed, when the host's epoch has, and when a conductor
/// asks; looks from time to time whether others have changed something. It goes on whatever happens, until it is stopped: Placement, Keystone or all
/// conductors may be away for any time.</summary>
internal sealed class ProviderLoop(AgentSetting setting, HostParts parts, PlacementClient client)
{
    private readonly ProviderMemory _memory = new(setting.Journal);
    private readonly SyncRequests _requests = new(parts.Providers, setting.Time);
    private readonly ProviderTale _tale = new(setting.Logger);
    private ProviderTurn? _turn;
    private Occasion? _last;
    private long? _synced;
    private bool _done;
    private bool _watching;
    private int _failures;
    private long _retryAt;
    private long _lookAt;

    /// <summary>Takes up what a former start has left.</summary>
    public void Restore() => _memory.Restore();

    /// <summary>A conductor has the agent sync now.</summary>
    /// <exception cref="FaultException">The agent stops.</exception>
    public Task<SyncProvidersResult> HandleAsync(SyncProviders request, CallContext call, CancellationToken cancellationToken) =>
        _requests.WaitAsync(request, call, cancellationToken);

    /// <summary>Runs until <paramref name="stop"/>; does not throw. Nothing is touched before a conductor has accepted a report of this start.</summary>
    public async Task RunAsync(Task accepted, CancellationToken stop)
    {
        try
        {
            await accepted.WaitAsync(stop).ConfigureAwait(false);
            // At start the first heartbeat is on its way beside the first report: without its answer nothing could be offered.
            while (!parts.Lease.Confirmed && !_requests.Any)
                await parts.Providers.WaitAsync(Now() + Ticks(setting.Options.HeartbeatInterval), setting.Time, stop).ConfigureAwait(false);
            _turn = new ProviderTurn(setting, parts, _memory, client);
            Look();
            while (true)
            {
                if (IsDue())
                    await SyncAsync(stop).ConfigureAwait(false);
                else if (Now() >= _lookAt)
                    await WatchAsync(stop).ConfigureAwait(false);
                else
                    await parts.Providers.WaitAsync(DueAt(), setting.Time, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            _requests.Refuse();
        }
    }

    /// <summary>Something is to be done, and either it was not tried yet as things stand, or it is time to try again.</summary>
    private bool IsDue() => IsWanted() && (Current() != _last || Now() >= _retryAt);

    private bool IsWanted() => !_done || parts.Providers.Told != _synced || parts.Epochs.Synced != _memory.Epoch || _requests.Any;

    private Occasion Current() => new(parts.Providers.Told, parts.Epochs.Told, parts.Epochs.Synced, parts.Lease.Confirmed, _requests.Count);

    private async Task SyncAsync(CancellationToken stop)
    {
        _last = Current();
        var waiters = _requests.Take();
        var (version, error) = await TrySyncAsync(stop).ConfigureAwait(false);
        SyncRequests.Answer(waiters, version, error);
    }

    private async Task<(long? Version, string? Error)> TrySyncAsync(CancellationToken stop)
    {
        try
        {
            var result = await _turn!.RunAsync(stop).ConfigureAwait(false);
            return Synced(result);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            _requests.Refuse();
            throw;
        }
        catch (PlacementException fault)
        {
            return (null, Failed(fault.Message));
        }
        catch (FaultException fault)
        {
            return (null, Failed($"{fault.Code}: {fault.Message}"));
        }
        catch (IOException fault)
        {
            return (null, Failed($"what is to be written cannot be kept: {fault.Message}"));
        }
        catch (Exception fault)
        {
            _tale.Broke(fault);
            return (null, Failed(null));
        }
    }

    private (long? Version, string? Error) Synced(SyncResult result)
    {
        _tale.Problems([.. result.Problems, .. result.Held]);
        _synced = result.Wants.Version;
        // A look costs one call as long as nothing hangs in the air; what does is tried again each time.
        _watching = result.Held.Count + result.Gone.Count == 0;
        Look();
        if (result.Contested)
            return (result.Wants.Version, Failed("others keep changing the host's providers"));
        if (result.HeldBack)
            return (result.Wants.Version, Failed("this agent may not offer more before its lease and its last report are confirmed"));
        _done = true;
        (_failures, _retryAt) = (0, long.MaxValue);
        _tale.Synced(result.Wants.Version, result.Wants.Epoch, result.Writes);
        return (result.Wants.Version, result.Held.Count > 0 ? string.Join(' ', result.Held) : null);
    }

    private async Task WatchAsync(CancellationToken stop)
    {
        Look();
        // What has failed is tried again by itself.
        if (!_done)
            return;
        try
        {
            if (_watching && !await _turn!.HasDriftedAsync(stop).ConfigureAwait(false))
                return;
            (_done, _retryAt) = (false, Now());
        }
        catch (PlacementException fault)
        {
            Failed(fault.Message);
        }
    }

    private string Failed(string? reason)
    {
        _done = false;
        _failures++;
        _retryAt = Now() + Ticks(ReportPace.Retry(_failures, setting.Options.Providers.SyncInterval, Random.Shared.NextDouble()));
        _tale.Failed(reason);
        return reason ?? "The agent broke; its log says how.";
    }

    /// <summary>Puts the next look an interval off.</summary>
    private void Look() => _lookAt = Now() + Ticks(ReportPace.Regular(setting.Options.Providers.SyncInterval, Random.Shared.NextDouble()));

    /// <summary>When something is to be done if nobody tells anything before.</summary>
    private long DueAt() => IsWanted() ? Math.Min(_retryAt, _lookAt) : _lookAt;

    private long Now() => setting.Time.GetTimestamp();

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * setting.Time.TimestampFrequency);

    /// <summary>All that decides whether another try could do better than the last one.</summary>
    private sealed record Occasion(long Version, long EpochTold, long EpochReported, bool Lease, long Requests);
}
