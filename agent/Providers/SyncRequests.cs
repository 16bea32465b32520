using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Providers;

/// <summary>Conductors that wait for Placement to be brought up to date. All who wait when a sync begins are answered by its end.</summary>
internal sealed class SyncRequests(ProviderNews news, TimeProvider time)
{
    /// <summary>So long a conductor waits at most; a device is disabled in the database whether it is answered or not.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(4.5);

    private readonly Lock _gate = new();
    private List<Waiter> _waiting = [];
    private long _count;

    /// <summary>How many have asked by now.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>True if somebody waits.</summary>
    public bool Any
    {
        get
        {
            lock (_gate)
                return _waiting.Count > 0;
        }
    }

    /// <summary>Waits for the end of a sync that begins now or later.</summary>
    public async Task<SyncProvidersResult> WaitAsync(SyncProviders request, CallContext call, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(request.Version);
        lock (_gate)
            _waiting.Add(waiter);
        Interlocked.Increment(ref _count);
        news.Wake();
        var limit = call.TimeLeft * 0.9 is var most && most < LongestWait ? most : LongestWait;
        try
        {
            return await waiter.Result.Task.WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return new SyncProvidersResult("Placement is not up to date yet; the agent goes on.");
        }
        finally
        {
            lock (_gate)
                _waiting.Remove(waiter);
        }
    }

    /// <summary>Those who wait now, for <see cref="Answer"/>.</summary>
    public IReadOnlyList<Waiter> Take()
    {
        lock (_gate)
        {
            var taken = _waiting;
            _waiting = [];
            return taken;
        }
    }

    /// <summary>Ends their wait.</summary>
    /// <param name="waiters">Who waits.</param>
    /// <param name="version">Version that was synced; null if none was.</param>
    /// <param name="error">Why Placement does not show what is wanted; null if it does.</param>
    public static void Answer(IReadOnlyList<Waiter> waiters, long? version, string? error)
    {
        foreach (var waiter in waiters)
        {
            var old = version < waiter.Version ? $"The database tells version {version}, not {waiter.Version}." : null;
            waiter.Result.TrySetResult(new SyncProvidersResult(error ?? old));
        }
    }

    /// <summary>The agent stops.</summary>
    public void Refuse()
    {
        foreach (var waiter in Take())
            waiter.Result.TrySetException(new FaultException(FaultCode.Unavailable, "The agent stops."));
    }

    /// <summary>One who waits.</summary>
    internal sealed record Waiter(long Version)
    {
        public TaskCompletionSource<SyncProvidersResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
