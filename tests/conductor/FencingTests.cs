using Cyborg.Conductor.Hosts;
using Cyborg.Hosting;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using Cyborg.Storage.Rows;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.Data;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Conductor.Tests;

/// <summary>Dead agents are fenced, cut-off conductors fence nobody, and who can't reach the database does not listen. The conductor's clock is
/// moved by hand; leases are aged by UPDATE.</summary>
public sealed class FencingTests
{
    // A look that is slow is no look that fails.
    private static readonly ConductorOptions Options = ConductorOptions.From(CyborgConfig.Empty) with { LookTimeout = TimeSpan.FromMinutes(1) };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_dead_agent_is_fenced_once_comes_back_and_restores(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var report = TestConductor.Inventory(new DriverDiscovery("x", [TestConductor.Card("card", 1)]));
        await conductor.CallAsync(Verbs.ReportInventory, report, host: TestConductor.Host);
        await AgeAsync(conductor.Database, 61);
        await using var watcher = new Watcher(conductor.Database);
        await watcher.LookForAsync(60);
        Assert.Equal((true, 1), await FenceAsync(conductor.Database));
        await watcher.LookForAsync(10);
        Assert.Equal((true, 1), await FenceAsync(conductor.Database));

        // It is back: the lease is its own again, the fence stays until it has reported for the new epoch.
        var beat = await conductor.CallAsync(Verbs.Heartbeat, new Heartbeat(TestConductor.Agent, report.Checksum, 0), host: TestConductor.Host);
        Assert.Equal((1, true), (beat.Epoch, beat.ReportWanted));
        Assert.Equal(1, (await conductor.CallAsync(Verbs.ReportInventory, report, host: TestConductor.Host)).Epoch);
        Assert.Equal((true, 1), await FenceAsync(conductor.Database));
        await conductor.CallAsync(Verbs.ReportInventory, report with { Epoch = 1 }, host: TestConductor.Host);
        Assert.Equal((false, 1), await FenceAsync(conductor.Database));
        beat = await conductor.CallAsync(Verbs.Heartbeat, new Heartbeat(TestConductor.Agent, report.Checksum, 1), host: TestConductor.Host);
        Assert.Equal((1, false), (beat.Epoch, beat.ReportWanted));
    }

    [Theory, EachDatabase]
    public async Task A_live_agent_is_not_fenced(DatabaseKind kind)
    {
        await using var test = await SeededAsync(kind, age: 5);
        await using var watcher = new Watcher(test.Database);
        await watcher.LookForAsync(100);
        Assert.Equal((false, 0), await FenceAsync(test.Database));
    }

    [Theory, EachDatabase]
    public async Task A_conductor_that_was_started_just_now_fences_nobody(DatabaseKind kind)
    {
        await using var test = await SeededAsync(kind, age: 3600);
        await using var watcher = new Watcher(test.Database);
        await watcher.LookForAsync(59);
        Assert.Equal((false, 0), await FenceAsync(test.Database));
        await watcher.LookForAsync(1);
        Assert.Equal((true, 1), await FenceAsync(test.Database));
    }

    [Theory, EachDatabase]
    public async Task After_an_outage_of_the_bus_nobody_is_fenced_for_a_whole_lease(DatabaseKind kind)
    {
        await using var test = await SeededAsync(kind, age: 3600);
        await using var watcher = new Watcher(test.Database) { BusFor = null };
        await watcher.LookForAsync(200);
        watcher.BusFor = TimeSpan.Zero;
        await watcher.LookForAsync(59);
        Assert.Equal((false, 0), await FenceAsync(test.Database));
        await watcher.LookForAsync(1);
        Assert.Equal((true, 1), await FenceAsync(test.Database));
    }

    [Fact]
    public async Task Without_its_database_a_conductor_stops_listening_and_afterwards_fences_nobody_for_a_whole_lease()
    {
        await using var test = await SeededAsync(DatabaseKind.Postgres, age: 3600);
        await using var watcher = new Watcher(test.Database);
        await watcher.LookForAsync(50);
        Assert.Equal("pong", await watcher.PingAsync());

        await SwitchAsync(test, off: true);
        await watcher.LookForAsync(1);
        Assert.Equal("pong", await watcher.PingAsync());
        await watcher.LookForAsync(3);
        Assert.True(watcher.Watch.Paused);
        Assert.Equal(FaultCode.NoResponder, (await Assert.ThrowsAsync<FaultException>(watcher.PingAsync)).Code);

        await SwitchAsync(test, off: false);
        await watcher.LookForAsync(1);
        Assert.False(watcher.Watch.Paused);
        Assert.Equal("pong", await watcher.PingAsync());
        await watcher.LookForAsync(59);
        Assert.Equal((false, 0), await FenceAsync(test.Database));
        await watcher.LookForAsync(1);
        Assert.Equal((true, 1), await FenceAsync(test.Database));
    }

    private static async Task<TestDatabase> SeededAsync(DatabaseKind kind, double age)
    {
        var test = await TestDatabase.CreateAsync(kind, cancellation: Stop);
        await test.Database.TransactAsync(session => session.InsertIdAsync(new HostRow { Name = TestConductor.Host, AgentId = Guid.NewGuid() }, Stop), Stop);
        await AgeAsync(test.Database, age);
        return test;
    }

    private static Task AgeAsync(CyborgDatabase database, double age) => database.TransactAsync(
        session => session.Hosts.Set(row => row.SeenAt, _ => DatabaseClock.In(-age)).UpdateAsync(Stop), Stop);

    private static Task<(bool Fenced, long Epoch)> FenceAsync(CyborgDatabase database) => database.ReadAsync(
        async session =>
        {
            var host = await session.Hosts.SingleAsync(Stop);
            return (host.Fenced, host.Epoch);
        },
        Stop);

    /// <summary>Lets nobody into the database, and throws out who is in.</summary>
    private static async Task SwitchAsync(TestDatabase test, bool off)
    {
        var name = test.Url.Split('?')[0].Split('/')[^1];
        await using var other = await TestDatabase.CreateEmptyAsync(DatabaseKind.Postgres, cancellation: Stop);
        await other.Database.ReadAsync(
            async session =>
            {
                await session.ExecuteAsync($"ALTER DATABASE \"{name}\" WITH ALLOW_CONNECTIONS {(off ? "false" : "true")}", Stop);
                return await session.ExecuteAsync($"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = '{name}'", Stop);
            },
            Stop);
    }

    /// <summary>A host watch with a clock and a bus that the test moves, and a server that it pauses.</summary>
    private sealed class Watcher : IAsyncDisposable
    {
        private static readonly Verb<ById, Done> Ping = Verbs.EnableDevice;

        private readonly ManualClock _clock = new();
        private readonly BusServer _server;
        private readonly BusClient _client;

        public Watcher(CyborgDatabase database)
        {
            var bus = new InProcessBus();
            _server = new BusServer(bus.Connect(), TestConductor.Patient, NullLoggerFactory.Instance, TimeProvider.System);
            _client = new BusClient(bus.Connect(), TestConductor.Patient, NullLoggerFactory.Instance, TimeProvider.System);
            _server.Map(Ping, (_, _, _) => Task.FromResult(Done.Instance));
            Watch = new HostWatch(database, _server, () => BusFor, Options, NullLogger.Instance, _clock);
        }

        public HostWatch Watch { get; }

        public TimeSpan? BusFor { get; set; } = TimeSpan.FromDays(1);

        /// <summary>Looks once a second for so many seconds.</summary>
        public async Task LookForAsync(int seconds)
        {
            if (_clock.GetTimestamp() == 0)
            {
                await _server.StartAsync(Stop);
                await Watch.TickAsync(Stop);
            }
            for (var second = 0; second < seconds; second++)
            {
                _clock.Advance(1);
                BusFor += TimeSpan.FromSeconds(1);
                await Watch.TickAsync(Stop);
            }
        }

        public async Task<string> PingAsync()
        {
            await _client.CallAsync(Ping, new ById(Guid.Empty), new CallContext(), cancellationToken: Stop);
            return "pong";
        }

        public async ValueTask DisposeAsync()
        {
            await _client.DisposeAsync();
            await _server.DisposeAsync();
        }
    }
}
