using Cyborg.Conductor.Telemetry;
using Cyborg.Messaging;
using Cyborg.Storage;
using Microsoft.Extensions.Logging;

namespace Cyborg.Conductor.Hosts;

/// <summary>Looks at the database every <c>[conductor] save_interval</c>, at least every second, in one statement for all that this conductor does by itself.
/// While it can't be reached the conductor stops listening, so that callers turn to another one; when it can, hosts whose lease has run out are fenced,
/// unless this conductor was cut off itself (<see cref="HealthWatch"/>). Only the agent ends a fence.</summary>
internal sealed class HostWatch(CyborgDatabase database, BusServer server, Func<TimeSpan?> busFor, ConductorOptions options, ILogger log, TimeProvider time)
{
    /// <summary>Given what each look shows.</summary>
    public Action<WorkLook> Seen { get; init; } = _ => { };

    /// <summary>Called at each look that finds a fence which Placement does not show yet, and after each fence.</summary>
    public Action FenceOwed { get; init; } = () => { };

    /// <summary>How old must be what a look shows of handles.</summary>
    public HandleAges Ages { get; init; } = new(0, 0);

    /// <summary>So many looks in a row must fail before the conductor stops listening; each has retried by itself.</summary>
    private const int FailuresToPause = 2;

    // What a conductor that died has left is to be found so soon, however seldom leases are written.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly long _began = time.GetTimestamp();
    private HealthWatch _health = new(options.LeaseTimeout);
    private int _failures;

    /// <summary>True while the conductor does not listen because of its database.</summary>
    public bool Paused { get; private set; }

    /// <summary>Looks until <paramref name="stop"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(options.SaveInterval < LongestPause ? options.SaveInterval : LongestPause, time);
        try
        {
            do
                await TickAsync(stop);
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The conductor stops.
        }
    }

    /// <summary>Looks once, and acts on what is seen.</summary>
    internal async Task TickAsync(CancellationToken stop)
    {
        try
        {
            if (await TryLookAsync(stop) is not { } look)
            {
                if (++_failures >= FailuresToPause && !Paused)
                    await PauseAsync(stop);
                return;
            }
            _failures = 0;
            Seen(look);
            if (Paused)
                await ResumeAsync(stop);
            if (look.Leases.Overdue && _health.MayFence(Now(), busFor()))
                await FenceAsync(stop);
            if (look.Leases.FenceOwed)
                FenceOwed();
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            _health = _health.Bad();
            Log.WatchFailed(log, error);
        }
    }

    private TimeSpan Now() => time.GetElapsedTime(_began);

    private async Task<WorkLook?> TryLookAsync(CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(options.LookTimeout);
        try
        {
            var look = await database.ReadAsync(session => WorkStore.LookAsync(session, options.LeaseTimeout, Ages, limit.Token), limit.Token);
            _health = _health.Good(Now(), look.Leases.Clock);
            return look;
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            _health = _health.Bad();
            if (_failures == 0)
                Log.DatabaseAway(log, error);
            return null;
        }
    }

    private async Task FenceAsync(CancellationToken stop)
    {
        var fenced = await database.TransactAsync(session => HostStore.FenceAsync(session, options.LeaseTimeout), stop);
        foreach (var host in fenced)
            Log.HostFenced(log, host.Name, host.Epoch, host.SeenAt);
        ConductorMetrics.Fences.Add(fenced.Count);
        if (fenced.Count > 0)
            FenceOwed();
    }

    private async Task PauseAsync(CancellationToken stop)
    {
        // First, since a server that can't tell the bus has forgotten its subscriptions all the same.
        Paused = true;
        Log.Paused(log);
        await server.PauseAsync(stop);
    }

    private async Task ResumeAsync(CancellationToken stop)
    {
        await server.StartAsync(stop);
        Paused = false;
        Log.Resumed(log);
    }
}
