using Cyborg.Hosting;
using Cyborg.Messaging;
using Cyborg.Storage;
using Microsoft.Extensions.Logging;

namespace Cyborg.Conductor;

/// <summary>A conductor: the owner of state. Any number of them may serve one bus and one database.</summary>
public sealed class ConductorRoom : IAsyncDisposable
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    private readonly CyborgDatabase database;
    private readonly BusClient agents;
    private readonly BusServer server;
    private readonly ILogger log;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource stopping = new();
    private Task sweeping = Task.CompletedTask;

    private ConductorRoom(CyborgDatabase database, IBusTransport transport, BusOptions bus, ILoggerFactory logs, TimeProvider time)
    {
        this.database = database;
        this.time = time;
        log = logs.CreateLogger("cyborg.conductor");
        agents = new BusClient(transport, bus, logs, time);
        server = new BusServer(transport, bus, logs, time);
        Routes.Map(server, new ConductorServices(database, new Mutations(database), agents, log));
    }

    /// <summary>Puts a conductor together; nothing is connected yet.</summary>
    /// <exception cref="ConfigException">A value of the configuration is wrong.</exception>
    public static ConductorRoom Build(CyborgConfig config, IBusTransport transport, ILoggerFactory logs, TimeProvider time)
    {
        var options = ConductorOptions.From(config);
        var pool = new PoolOptions(options.RpcWorkers, QueueLength: 8 * options.RpcWorkers);
        return new ConductorRoom(CyborgDatabase.Open(options.Connection, logs, time), transport, new BusOptions { Pool = pool }, logs, time);
    }

    internal static ConductorRoom Build(CyborgDatabase database, IBusTransport transport, BusOptions bus, ILoggerFactory logs, TimeProvider time) =>
        new(database, transport, bus, logs, time);

    /// <summary>Brings an embedded database up to date, then serves calls. A PostgreSQL database is left to <c>cyborg-dbsync</c>.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!database.IsPostgres)
            await database.MigrateAsync(cancellationToken);
        await server.StartAsync(cancellationToken);
        sweeping = SweepAsync(stopping.Token);
        Log.Started(log, database.Description);
    }

    /// <summary>Stops taking calls, waits for those under way, and closes the database.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await sweeping;
        await server.DisposeAsync();
        await agents.DisposeAsync();
        await database.DisposeAsync();
        stopping.Dispose();
    }

    private async Task SweepAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(SweepEvery, time);
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
            await database.TransactAsync(session => RpcReplyStore.SweepAsync(session, session.Now - Mutations.KeepReplies), stop);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Log.SweepFailed(log, error);
        }
    }
}
