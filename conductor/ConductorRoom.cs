using Cyborg.Conductor.Accelerators;
using Cyborg.Conductor.Attachments;
using Cyborg.Conductor.Cache;
using Cyborg.Conductor.Hosts;
using Cyborg.Conductor.Jobs;
using Cyborg.Conductor.Nova;
using Cyborg.Conductor.Providers;
using Cyborg.Conductor.Reconcile;
using Cyborg.Conductor.Requests;
using Cyborg.Conductor.Telemetry;
using Cyborg.Conductor.Upgrades;
using Cyborg.Conductor.Usage;
using Cyborg.Hosting;
using Cyborg.Hosting.Systemd;
using Cyborg.Identity.Session;
using Cyborg.Messaging;
using Cyborg.Placement;
using Cyborg.Storage;
using Microsoft.Extensions.Logging;

namespace Cyborg.Conductor;

/// <summary>A conductor: the owner of state. Any number of them may serve one bus and one database.</summary>
public sealed class ConductorRoom : IServiceRoom
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    private readonly CyborgDatabase _database;
    private readonly BusClient _agents;
    private readonly BusServer _server;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly NovaEndpoint? _nova;
    private readonly KeystoneSession? _placement;
    private readonly UsageListener _usage;
    private readonly RequestGroups _groups;
    private readonly CancellationTokenSource _stopping = new();
    private readonly IReadOnlyList<Func<CancellationToken, Task>> _loops;
    private readonly LoopSign _leases;
    private IReadOnlyList<Task> _running = [];

    private ConductorRoom(CyborgDatabase database, IBusTransport transport, BusOptions bus, ConductorOptions options, ILoggerFactory logs, TimeProvider time)
    {
        _database = database;
        _time = time;
        _log = logs.CreateLogger("cyborg.conductor");
        _agents = new BusClient(transport, bus, logs, time);
        _server = new BusServer(transport, Routes.WithPools(bus), logs, time);
        _nova = NovaEndpoint.Open(options.Nova, logs, time);
        _placement = options.Placement is { } login ? new KeystoneSession(login, logs, time) : null;
        var traces = new BindTraces();
        var relay = _nova is null ? null : new EventRelay(database, new NovaClient(_nova), _log, time) { Traces = traces };
        var fences = _placement is null ? null : new Fences(database, PlacementFence.Over(_placement), _log, time);
        var jobs = new HandleJobs(database, _agents, options.Nova, relay, _log, time) { Traces = traces };
        var orphans = _nova is null || !options.Nova.IsAsked
            ? null
            : new OrphanWatch(database, new NovaServers(_nova), options.Nova.OrphanCheckInterval, _log, time) { WorkLeft = jobs.Nudge };
        var accelerators = new AcceleratorJobs(database, _agents, _log, time);
        var notifications = new Notifications(database, transport, _log, time);
        var reconciler = new Reconciler(database, tellNova: relay is not null, _log, time);
        var heartbeats = new Heartbeats(database, options, _log, time);
        _leases = heartbeats.Sign;
        var cache = new ReadCache(database);
        var offers = new AttachOffers(database, cache);
        var claims = new AttachmentClaims(database, offers, _placement is null ? null : new AllocationClient(_placement));
        var steps = new AttachmentSteps(database, claims, new AttachmentBinds(database, jobs.Nudge), _nova is null ? null : new NovaAttachments(_nova));
        var attachments = new AttachmentJobs(database, steps, _log, time);
        var sleepers = new Sleepers(jobs, accelerators, attachments, notifications) { Relay = relay, Orphans = orphans };
        var hosts = new HostWatch(database, _server, () => transport.ConnectedFor, options, _log, time)
        {
            Ages = jobs.Ages,
            Seen = sleepers.Wake,
            FenceOwed = () => fences?.Nudge(),
        };
        var board = new UsageBoard(time);
        _loops =
        [
            SweepAsync, heartbeats.RunAsync, hosts.RunAsync, jobs.RunAsync, reconciler.RunAsync, accelerators.RunAsync, notifications.RunAsync, attachments.RunAsync,
            new StateGauges(database, options, board, _log, time).RunAsync,
            relay is null ? Nothing : relay.RunAsync,
            orphans is null ? Nothing : orphans.RunAsync,
            fences is null ? WarnOfFencesAsync : fences.RunAsync,
            _nova is null ? Nothing : stop => ArqOwnerHealing.AtStartAsync(database, _nova, _log, stop),
        ];
        _usage = new UsageListener(transport, board, _log);
        _groups = new RequestGroups(database, options.Nova, bus.Pool.ParallelHandlers, _log);
        Routes.Map(_server, new ConductorServices(database, new Mutations(database), _agents, options.Nova, jobs, relay, cache, accelerators, heartbeats, options, _log)
        {
            Groups = _groups,
            Usage = board,
            Traces = traces,
            Attachments = attachments,
            Offers = offers,
            Claims = claims,
        });
    }

    /// <summary>Puts a conductor together; nothing is connected yet.</summary>
    /// <exception cref="ConfigException">A value of the configuration is wrong.</exception>
    public static ConductorRoom Build(CyborgConfig config, IBusTransport transport, ILoggerFactory logs, TimeProvider time)
    {
        var options = ConductorOptions.From(config);
        var pool = new PoolOptions(options.RpcWorkers, QueueLength: 8 * options.RpcWorkers);
        return new ConductorRoom(CyborgDatabase.Open(options.Connection, logs, time), transport, new BusOptions { Pool = pool }, options, logs, time);
    }

    internal static ConductorRoom Build(
        CyborgDatabase database, IBusTransport transport, BusOptions bus, NovaOptions nova, ILoggerFactory logs, TimeProvider time, ConductorOptions? options = null) =>
        new(database, transport, bus, (options ?? ConductorOptions.From(CyborgConfig.Empty)) with { Nova = nova }, logs, time);

    /// <summary>Brings an embedded database up to date, then serves calls. A PostgreSQL database is left to <c>cyborg-dbsync</c>.</summary>
    /// <exception cref="Model.FaultException">The database cannot be reached, or its schema is to be upgraded first.</exception>
    /// <exception cref="ConfigException">The database's schema is newer than this program.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await ServeAsync(cancellationToken);
        _running = [.. _loops.Select(loop => Task.Run(() => loop(_stopping.Token), CancellationToken.None))];
        Log.Started(_log, _database.Description);
    }

    /// <summary>As <see cref="StartAsync"/>, but does nothing of itself: tests that count statements see those of their calls only.</summary>
    internal async Task ServeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await (_database.IsPostgres ? _database.RequireSchemaAsync(cancellationToken) : _database.MigrateAsync(cancellationToken));
        }
        catch (DatabaseSchemaException newer)
        {
            // Nothing that waiting would mend: the start ends with this one line.
            throw new ConfigException(newer.Message);
        }
        await _usage.StartAsync(cancellationToken);
        await _server.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<string?> WhyDeadAsync(CancellationToken stop) =>
        ValueTask.FromResult(_running.Any(loop => loop.IsFaulted) ? "one of the conductor's loops has ended" : _leases.WhyDead());

    /// <summary>Stops taking calls, waits for those under way, and closes the database.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running);
        await _server.DisposeAsync();
        await _usage.DisposeAsync();
        await _agents.DisposeAsync();
        await _database.DisposeAsync();
        _groups.Dispose();
        _nova?.Dispose();
        _placement?.Dispose();
        _stopping.Dispose();
    }

    private static Task Nothing(CancellationToken stop) => Task.CompletedTask;

    /// <summary>Says once that fences are not shown, if there are agents for whose hosts they should be.</summary>
    private async Task WarnOfFencesAsync(CancellationToken stop)
    {
        try
        {
            if (await _database.ReadAsync(ProviderStore.AnyManagedAsync, stop))
                Log.FencesNotShown(_log);
        }
        catch (Exception error) when (stop.IsCancellationRequested || error is Model.FaultException)
        {
            // It stops, or can not tell; the watch of the hosts tells of the database.
        }
    }

    private async Task SweepAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(SweepEvery, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
                await SweepOnceAsync(stop);
        }
        catch (OperationCanceledException)
        {
            // The conductor stops.
        }
    }

    private async Task SweepOnceAsync(CancellationToken stop)
    {
        try
        {
            await _database.TransactAsync(session => RpcReplyStore.SweepAsync(session, session.Now - Mutations.KeepReplies), stop);
            await _database.TransactAsync(session => AcceleratorJobStore.GiveUpAsync(session, AcceleratorJobs.Patience * 20), stop);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Log.SweepFailed(_log, error);
        }
    }
}
