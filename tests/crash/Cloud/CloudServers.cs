using Cyborg.TestServers;

namespace Cyborg.Crash.Tests;

/// <summary>What a cloud runs on: a bus, a database server, and Nova.</summary>
internal sealed class CloudServers : IAsyncDisposable
{
    private static int s_databases;

    private readonly bool _ownsPostgres;

    private CloudServers(PostgresFolder postgres, bool ownsPostgres, NatsServer bus, FakeNova nova) =>
        (Postgres, _ownsPostgres, Bus, Nova) = (postgres, ownsPostgres, bus, nova);

    public PostgresFolder Postgres { get; }
    public NatsServer Bus { get; }
    public FakeNova Nova { get; }

    /// <summary>Starts all three; skips or fails the test if a program is missing.</summary>
    /// <param name="hosts">Hosts whose agents the bus lets in.</param>
    /// <param name="shared">A database server of somebody else's; null for an own one.</param>
    /// <param name="logs">Folder of logs.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<CloudServers> StartAsync(IReadOnlyList<string> hosts, PostgresFolder? shared, string logs, CancellationToken stop)
    {
        var bus = await ShippedBus.StartAsync(hosts, stop);
        var postgres = shared ?? await PostgresFolder.CreateAsync(Path.Combine(logs, "postgres.log"), stop);
        var nova = await FakeNova.StartNewAsync();
        nova.KnowsAll = true;
        return new CloudServers(postgres, shared is null, bus, nova);
    }

    /// <summary>An empty database.</summary>
    public async Task<string> NewDatabaseAsync(CancellationToken stop)
    {
        var name = $"cyborg_{Interlocked.Increment(ref s_databases)}";
        await Postgres.CreateDatabaseAsync(name, stop);
        return name;
    }

    public async ValueTask DisposeAsync()
    {
        await Bus.DisposeAsync();
        await Nova.DisposeAsync();
        if (_ownsPostgres) await Postgres.RemoveAsync();
    }
}
