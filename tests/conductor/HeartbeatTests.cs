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
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Conductor.Tests;

public sealed class HeartbeatTests
{
    private static readonly ConductorOptions Options = ConductorOptions.From(CyborgConfig.Empty);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task An_unknown_host_is_asked_to_report_and_then_left_alone(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        Assert.Equal((0, true, 0), Facts(await BeatAsync(conductor, null, 0)));
        var report = TestConductor.Inventory(new DriverDiscovery("x", [TestConductor.Card("card", 1)]));
        var reply = await conductor.CallAsync(Verbs.ReportInventory, report, host: TestConductor.Host);
        Assert.Equal(0, reply.Epoch);

        var beat = await BeatAsync(conductor, report.Checksum, 0);
        Assert.False(beat.ReportWanted);
        Assert.Equal(reply.Install, beat.Install);
        Assert.True((await BeatAsync(conductor, "another", 0)).ReportWanted);
    }

    [Theory, EachDatabase]
    public async Task A_heartbeat_renews_the_lease(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Stop);
        await SeedAsync(test, 1, age: 50);
        var heartbeats = Writer(test.Database);
        var before = DateTimeOffset.UtcNow;
        var reply = await OneAsync(heartbeats, "host-0", Agent(0));
        Assert.Equal((4, true, 0), Facts(reply));
        var host = Assert.Single(await HostsAsync(test));
        Assert.InRange(host.SeenAt!.Value, before.AddSeconds(-1), DateTimeOffset.UtcNow.AddSeconds(1));
        Assert.Equal((Agent(0).AgentId, Agent(0).BootId, 1L), (host.AgentId!.Value, host.BootId!.Value, host.BootNumber));
    }

    [Theory, EachDatabase]
    public async Task A_heartbeat_that_waited_is_written_as_old_as_it_is(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Stop);
        await SeedAsync(test, 1, age: 50);
        var clock = new ManualClock();
        var heartbeats = Writer(test.Database, clock);
        var reply = heartbeats.HandleAsync(new Heartbeat(Agent(0), null, 0), new CallContext { Host = "host-0" }, Stop);
        clock.Advance(30);
        var before = DateTimeOffset.UtcNow;
        await heartbeats.FlushAsync(Stop);
        await reply;
        var seen = Assert.Single(await HostsAsync(test)).SeenAt!.Value;
        Assert.InRange(seen, before.AddSeconds(-31), DateTimeOffset.UtcNow.AddSeconds(-29));
    }

    [Theory, EachDatabase]
    public async Task A_thousand_unchanged_hosts_cost_five_statements_at_most(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Stop);
        await SeedAsync(test, 1000, age: 10);
        var heartbeats = Writer(test.Database);
        await using var server = new BusServer(new InProcessBus().Connect(), TestConductor.Patient, NullLoggerFactory.Instance, TimeProvider.System);
        var watch = new HostWatch(test.Database, server, () => TimeSpan.MaxValue, Options, NullLogger.Instance, TimeProvider.System);
        using var count = StatementCount.Start(test.Database);
        var before = DateTimeOffset.UtcNow;
        for (var round = 0; round < 3; round++)
        {
            before = DateTimeOffset.UtcNow;
            count.Reset();
            var replies = Enumerable.Range(0, 1000)
                .Select(n => heartbeats.HandleAsync(new Heartbeat(Agent(n), "sum", 4), new CallContext { Host = $"host-{n}" }, Stop)).ToList();
            // All that one conductor does in one save_interval.
            await heartbeats.FlushAsync(Stop);
            await watch.TickAsync(Stop);
            Assert.All(await Task.WhenAll(replies), reply => Assert.Equal((4, false, 0), Facts(reply)));
            Assert.True(count.Statements <= 5, string.Join('\n', count.Texts.Select(text => text[..Math.Min(text.Length, 200)])));
        }
        Assert.All(await HostsAsync(test), host => Assert.InRange(host.SeenAt!.Value, before.AddSeconds(-1), DateTimeOffset.UtcNow.AddSeconds(1)));
    }

    [Theory, EachDatabase]
    public async Task A_later_start_takes_over_and_an_earlier_start_and_a_stranger_are_refused(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Stop);
        await SeedAsync(test, 1, age: 10);
        var heartbeats = Writer(test.Database);
        var later = Agent(0) with { BootId = Guid.NewGuid(), BootNumber = 2 };
        await OneAsync(heartbeats, "host-0", later);
        Assert.Equal(later.BootId, Assert.Single(await HostsAsync(test)).BootId);

        Assert.Equal(FaultCode.Conflict, (await Assert.ThrowsAsync<FaultException>(() => OneAsync(heartbeats, "host-0", Agent(0)))).Code);
        var stranger = new AgentIdentity(Guid.NewGuid(), Guid.NewGuid(), 50);
        var fault = await Assert.ThrowsAsync<FaultException>(() => OneAsync(heartbeats, "host-0", stranger));
        Assert.Equal(FaultCode.Conflict, fault.Code);
        Assert.StartsWith("Host name host-0 is held by another live agent", fault.Message, StringComparison.Ordinal);
        Assert.Equal(later.BootId, Assert.Single(await HostsAsync(test)).BootId);

        await AgeAsync(test, "host-0", 61);
        await OneAsync(heartbeats, "host-0", stranger);
        Assert.Equal(stranger.AgentId, Assert.Single(await HostsAsync(test)).AgentId);
    }

    [Theory, EachDatabase]
    public async Task Of_two_strangers_in_one_write_the_first_wins(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Stop);
        await SeedAsync(test, 1, age: 100);
        var heartbeats = Writer(test.Database);
        var first = heartbeats.HandleAsync(new Heartbeat(Agent(7), null, 0), new CallContext { Host = "host-0" }, Stop);
        var second = heartbeats.HandleAsync(new Heartbeat(Agent(8), null, 0), new CallContext { Host = "host-0" }, Stop);
        await heartbeats.FlushAsync(Stop);
        await first;
        Assert.Equal(FaultCode.Conflict, (await Assert.ThrowsAsync<FaultException>(() => second)).Code);
        Assert.Equal(Agent(7).AgentId, Assert.Single(await HostsAsync(test)).AgentId);
    }

    [Theory, EachDatabase]
    public async Task A_stranger_may_not_report_while_the_lease_lives(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportAsync(TestConductor.Card("card", 1));
        var foreign = TestConductor.Inventory(new DriverDiscovery("fake_driver", [])) with { Agent = new AgentIdentity(Guid.NewGuid(), Guid.NewGuid(), 1) };
        Assert.Equal(FaultCode.Conflict, await conductor.FaultAsync(Verbs.ReportInventory, foreign, host: TestConductor.Host));
        Assert.Single((await conductor.CallAsync(Verbs.ListDevices, new ListDevices(null, null, null, null))).Devices);
    }

    [Fact]
    public async Task A_host_that_another_transaction_holds_up_waits_alone()
    {
        await using var test = await TestDatabase.CreateAsync(DatabaseKind.Postgres, cancellation: Stop);
        await SeedAsync(test, 2, age: 10);
        var heartbeats = Writer(test.Database);
        Task<HeartbeatReply>? stuck = null;
        await test.Database.TransactAsync(
            async session =>
            {
                await HostStore.LockAsync(session, "host-0", Options.LeaseTimeout);
                stuck = heartbeats.HandleAsync(new Heartbeat(Agent(0), null, 0), new CallContext { Host = "host-0" }, Stop);
                await OneAsync(heartbeats, "host-1", Agent(1));
                Assert.False(stuck.IsCompleted);
            },
            Stop);
        await heartbeats.FlushAsync(Stop);
        Assert.Equal(4, (await stuck!).Epoch);
    }

    [Theory, EachDatabase]
    public async Task Conductors_that_renew_the_same_hosts_at_once_neither_fail_nor_lose_one(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Stop);
        await SeedAsync(test, 100, age: 50);
        Heartbeats[] conductors = [Writer(test.Database), Writer(test.Database), Writer(test.Database)];
        var replies = conductors.SelectMany((heartbeats, order) => Enumerable.Range(0, 100).Select(n => (n + (order * 37)) % 100)
            .Select(n => heartbeats.HandleAsync(new Heartbeat(Agent(n), "sum", 4), new CallContext { Host = $"host-{n}" }, Stop))).ToList();
        await Task.WhenAll(conductors.Select(heartbeats => heartbeats.FlushAsync(Stop)));
        // What one had locked, the others left for their next write.
        foreach (var heartbeats in conductors)
            await heartbeats.FlushAsync(Stop);
        Assert.All(await Task.WhenAll(replies), reply => Assert.Equal((4, false, 0), Facts(reply)));
    }

    [Theory, EachDatabase]
    public async Task A_write_that_fails_tells_all_who_waited_to_try_again(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Stop);
        await SeedAsync(test, 1, age: 10);
        var heartbeats = Writer(test.Database);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var reply = heartbeats.HandleAsync(new Heartbeat(Agent(0), null, 0), new CallContext { Host = "host-0" }, Stop);
        await heartbeats.FlushAsync(cancelled.Token);
        Assert.Equal(FaultCode.Unavailable, (await Assert.ThrowsAsync<FaultException>(() => reply)).Code);
        await OneAsync(heartbeats, "host-0", Agent(0));
    }

    [Fact]
    public async Task A_conductor_that_stops_sends_those_who_wait_away()
    {
        await using var test = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, cancellation: Stop);
        var heartbeats = Writer(test.Database, new ManualClock());
        using var stopping = new CancellationTokenSource();
        var running = heartbeats.RunAsync(stopping.Token);
        var reply = heartbeats.HandleAsync(new Heartbeat(Agent(0), null, 0), new CallContext { Host = "h" }, Stop);
        await stopping.CancelAsync();
        await running;
        Assert.Equal(FaultCode.Unavailable, (await Assert.ThrowsAsync<FaultException>(() => reply)).Code);
        Assert.Throws<FaultException>(() => { _ = heartbeats.HandleAsync(new Heartbeat(Agent(0), null, 0), new CallContext { Host = "h" }, Stop); });
    }

    [Theory, EachDatabase]
    public async Task What_changes_a_drivers_tree_and_is_no_report_has_it_reported_again(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var report = TestConductor.Inventory(new DriverDiscovery("x", [TestConductor.Card("card", 1)]));
        await conductor.CallAsync(Verbs.ReportInventory, report, host: TestConductor.Host);
        var attributes = (await conductor.CallAsync(Verbs.ListAttributes, new ListAttributes(null, null))).Attributes;

        var note = await conductor.CallAsync(Verbs.CreateAttribute, new CreateAttribute(attributes[0].DeployableId, null, "rack", "7"));
        await conductor.CallAsync(Verbs.DeleteAttribute, new ById(note.Uuid));
        Assert.False((await BeatAsync(conductor, report.Checksum, 0)).ReportWanted);

        await conductor.CallAsync(Verbs.DeleteAttribute, new ById(attributes[0].Uuid));
        Assert.True((await BeatAsync(conductor, report.Checksum, 0)).ReportWanted);
        await conductor.CallAsync(Verbs.ReportInventory, report, host: TestConductor.Host);
        Assert.False((await BeatAsync(conductor, report.Checksum, 0)).ReportWanted);
        Assert.Equal(2, (await conductor.CallAsync(Verbs.ListAttributes, new ListAttributes(null, null))).Attributes.Count);
    }

    [Theory, EachDatabase]
    public async Task What_is_held_is_left_and_asked_for_again_until_it_is_free(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportAsync(TestConductor.Card("card", 2));
        var arqs = await conductor.CreateAsync(1);
        await conductor.BindAsync(arqs, "card");

        var card = TestConductor.Card("card", 2);
        IReadOnlyList<DriverAttachHandle> working = [.. card.Deployables[0].AttachHandles.Select(handle => handle with { HostWork = true })];
        var report = TestConductor.Inventory(new DriverDiscovery("fake_driver", [card with { Deployables = [card.Deployables[0] with { AttachHandles = working }] }]));
        await conductor.CallAsync(Verbs.ReportInventory, report, host: TestConductor.Host);
        Assert.Equal([false, true], await HostWorkAsync(conductor));
        Assert.True((await BeatAsync(conductor, report.Checksum, 0)).ReportWanted);
        var revision = await RevisionAsync(conductor);
        await conductor.CallAsync(Verbs.ReportInventory, report, host: TestConductor.Host);
        Assert.Equal(revision, await RevisionAsync(conductor));

        await conductor.CallAsync(Verbs.UnbindArqs, new UnbindArqs(TestConductor.Scope("p1"), arqs));
        await conductor.CallAsync(Verbs.ReportInventory, report, host: TestConductor.Host);
        Assert.Equal([true, true], await HostWorkAsync(conductor));
        Assert.False((await BeatAsync(conductor, report.Checksum, 0)).ReportWanted);
    }

    private static Task<HeartbeatReply> BeatAsync(TestConductor conductor, string? checksum, long epoch) =>
        conductor.CallAsync(Verbs.Heartbeat, new Heartbeat(TestConductor.Agent, checksum, epoch), host: TestConductor.Host);

    private static Task<List<bool>> HostWorkAsync(TestConductor conductor) => conductor.Database.ReadAsync(
        session => session.AttachHandles.OrderBy(row => row.Id).Select(row => row.HostWork).ToListAsync(Stop), Stop);

    private static Task<long> RevisionAsync(TestConductor conductor) =>
        conductor.Database.ReadAsync(session => RevisionStore.ReadAsync(session, RevisionRow.Devices), Stop);

    private static (long Epoch, bool ReportWanted, int Install) Facts(HeartbeatReply reply) => (reply.Epoch, reply.ReportWanted, reply.Install.Count);

    private static Heartbeats Writer(CyborgDatabase database, TimeProvider? time = null) =>
        new(database, Options, NullLogger.Instance, time ?? TimeProvider.System);

    private static async Task<HeartbeatReply> OneAsync(Heartbeats heartbeats, string host, AgentIdentity agent)
    {
        var reply = heartbeats.HandleAsync(new Heartbeat(agent, null, 0), new CallContext { Host = host }, Stop);
        await heartbeats.FlushAsync(Stop);
        return await reply;
    }

    private static AgentIdentity Agent(int n) => new(new Guid(1, (short)n, 0, new byte[8]), new Guid(2, (short)n, 0, new byte[8]), 1);

    private static Task SeedAsync(TestDatabase test, int count, double age) => test.Database.TransactAsync(
        async session =>
        {
            await session.InsertAllAsync([.. Enumerable.Range(0, count).Select(n => new HostRow
            {
                Name = $"host-{n}", AgentId = Agent(n).AgentId, BootId = Agent(n).BootId, BootNumber = 1, Epoch = 4, Checksum = "sum",
            })], Stop);
            await session.Hosts.Set(row => row.SeenAt, _ => DatabaseClock.In(-age)).UpdateAsync(Stop);
        },
        Stop);

    private static Task AgeAsync(TestDatabase test, string host, double age) => test.Database.TransactAsync(
        session => session.Hosts.Where(row => row.Name == host).Set(row => row.SeenAt, _ => DatabaseClock.In(-age)).UpdateAsync(Stop), Stop);

    private static Task<List<HostRow>> HostsAsync(TestDatabase test) =>
        test.Database.ReadAsync(session => session.Hosts.OrderBy(row => row.Id).ToListAsync(Stop), Stop);
}
