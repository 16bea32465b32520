using System.Diagnostics;
using Cyborg.Hosting;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Storage;
using Cyborg.Storage.Rows;
using Cyborg.TestServers;
using LinqToDB;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Conductor.Tests;

/// <summary>What a whole conductor asks of its database by itself, all its tasks together.</summary>
public sealed class IdleTests
{
    private const int Hosts = 1000;

    private static readonly TimeSpan s_saveInterval = TimeSpan.FromMilliseconds(250);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_thousand_heart_beating_hosts_cost_five_statements_for_each_write_everything_counted(DatabaseKind kind)
    {
        await using var stage = await IdleStage.StartAsync(kind);
        await stage.BeatAsync();
        using var count = StatementCount.Start(stage.Database);
        var began = Stopwatch.GetTimestamp();
        const int Rounds = 8;
        // Each round ends with a write, so that it lasts as long as the time between two of them.
        for (var round = 0; round < Rounds; round++)
            await stage.BeatAsync();
        var writes = Math.Max(Rounds, (int)(Stopwatch.GetElapsedTime(began) / s_saveInterval)) + 1;
        Assert.True(count.Statements <= 5 * writes, $"{count.Statements} statements in {writes} intervals:\n{Texts(count)}");
        Assert.True(count.Statements >= 3 * Rounds, $"no more than {count.Statements} statements were seen");
    }

    [Theory, EachDatabase]
    public async Task With_no_host_a_conductor_looks_once_in_each_interval(DatabaseKind kind)
    {
        await using var stage = await IdleStage.StartAsync(kind);
        using var count = StatementCount.Start(stage.Database);
        var began = Stopwatch.GetTimestamp();
        // A sign of life of nobody whom the database knows is one more statement or two, and tells that a write has been.
        for (var round = 0; round < 4; round++)
            await stage.CallAsync("nobody", round);
        // One interval before the first of them and one after the last; what looks every five seconds by itself has its place in these, too.
        var writes = Math.Max(4, (int)(Stopwatch.GetElapsedTime(began) / s_saveInterval)) + 2;
        Assert.True(count.Statements <= 3 * writes, $"{count.Statements} statements in {writes} intervals:\n{Texts(count)}");
    }

    private static string Texts(StatementCount count) => string.Join('\n', count.Texts.Select(text => text[..Math.Min(text.Length, 160)]));

    /// <summary>A conductor as it runs, with a save_interval that does not keep a test waiting, and agents that have reported before.</summary>
    private sealed class IdleStage : IAsyncDisposable
    {
        private readonly TestDatabase _database;
        private readonly InProcessBus _bus = new();
        private readonly ConductorRoom _room;
        private readonly BusClient _client;

        private IdleStage(TestDatabase database)
        {
            var options = ConductorOptions.From(CyborgConfig.Empty.With(ConductorOptions.SaveIntervalOption, s_saveInterval.TotalSeconds)) with
            {
                LookTimeout = TimeSpan.FromMinutes(1),
            };
            _database = database;
            _room = ConductorRoom.Build(
                database.Database, _bus.Connect(), TestConductor.Patient, TestConductor.NoNova, NullLoggerFactory.Instance, TimeProvider.System, options);
            _client = new BusClient(_bus.Connect(), TestConductor.Patient, NullLoggerFactory.Instance, TimeProvider.System);
        }

        public CyborgDatabase Database => _database.Database;

        public static async Task<IdleStage> StartAsync(DatabaseKind kind)
        {
            var stage = new IdleStage(await TestDatabase.CreateAsync(kind, cancellation: Stop));
            await stage.Database.TransactAsync(
                async session =>
                {
                    await session.InsertAllAsync([.. Enumerable.Range(0, Hosts).Select(n => new HostRow
                    {
                        Name = $"host-{n}", AgentId = Agent(n).AgentId, BootId = Agent(n).BootId, BootNumber = 1, Checksum = "sum",
                    })], Stop);
                    await session.Hosts.Set(row => row.SeenAt, _ => DatabaseClock.Now()).UpdateAsync(Stop);
                },
                Stop);
            using var count = StatementCount.Start(stage.Database);
            await stage._room.StartAsync(Stop);
            await stage.CallAsync("nobody", 0);
            // Each task asks for its work when it begins; all have, when nothing but looks has come for a while.
            await AcceleratorStage.UntilAsync(() => Task.FromResult(count.Texts is { Count: > 6 } texts && texts.TakeLast(6).Distinct().Count() == 1));
            return stage;
        }

        /// <summary>One sign of life of each host; ends when all are written.</summary>
        public Task BeatAsync() => Task.WhenAll(Enumerable.Range(0, Hosts).Select(n => CallAsync($"host-{n}", n)));

        public Task<HeartbeatReply> CallAsync(string host, int n) =>
            _client.CallAsync(Verbs.Heartbeat, new Heartbeat(Agent(n), "sum", 0), new CallContext(), host, Stop);

        public async ValueTask DisposeAsync()
        {
            await _client.DisposeAsync();
            await _room.DisposeAsync();
            await _database.DisposeAsync();
        }

        private static AgentIdentity Agent(int n) => new(new Guid(1, (short)n, 0, new byte[8]), new Guid(2, (short)n, 0, new byte[8]), 1);
    }
}
