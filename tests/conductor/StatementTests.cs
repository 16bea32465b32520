using Cyborg.Conductor.Hosts;
using Cyborg.Hosting;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage.Rows;
using Cyborg.TestServers;
using LinqToDB.Async;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Conductor.Tests;

/// <summary>How many statements work takes, counted at the database driver: never more for what is there beside it.</summary>
public sealed class StatementTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The most that each call of a walk may cost, in the order of a walk; on PostgreSQL round trips, too.</summary>
    private static readonly Dictionary<string, (int Statements, int RoundTrips)> s_most = new()
    {
        ["create"] = (5, 1),
        ["bind"] = (12, 2),
        ["list"] = (2, 1),
        ["delete"] = (9, 2),
    };

    [Theory, EachDatabase]
    public async Task A_walk_costs_the_same_however_many_requests_and_devices_there_are(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind, quiet: true);
        await conductor.CallAsync(Verbs.CreateProfile, new CreateProfile(null, "one", null, [new Dictionary<string, string?> { ["resources:FPGA"] = "1" }]));
        await conductor.ReportAsync(TestConductor.Card("card", 4));
        await AddArqsAsync(conductor, 10);
        await WalkAsync(conductor);
        var few = await WalkAsync(conductor);

        await conductor.ReportAsync("elsewhere", new DriverDiscovery("x", [.. Enumerable.Range(0, 200).Select(n => TestConductor.Card($"far-{n}", 16))]));
        await AddArqsAsync(conductor, 10_000);
        var many = await WalkAsync(conductor);

        Assert.Equal(few, many);
        foreach (var (call, (statements, roundTrips)) in many)
        {
            Assert.True(statements <= s_most[call].Statements, $"{call}: {statements} statements");
            Assert.True(kind == DatabaseKind.Sqlite || roundTrips <= s_most[call].RoundTrips, $"{call}: {roundTrips} round trips");
        }
    }

    [Theory, EachDatabase]
    public async Task A_list_of_a_thousand_requests_costs_two_statements_at_most(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind, quiet: true);
        await conductor.CreateAsync();
        await AddArqsAsync(conductor, 1000, TestConductor.Project);
        var (listed, cost) = await CountAsync(conductor, () => conductor.CallAsync(Verbs.ListArqs, new ListArqs(TestConductor.Scope(TestConductor.Project), null)));
        Assert.Equal(1001, listed.Arqs.Count);
        Assert.InRange(cost.Statements, 1, 2);
    }

    [Theory, EachDatabase]
    public async Task A_list_of_devices_that_is_kept_costs_one_statement(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind, quiet: true);
        await conductor.ReportAsync([.. Enumerable.Range(0, 50).Select(n => TestConductor.Card($"card-{n}", 2))]);
        Task<DeviceList> ListAsync() => conductor.CallAsync(Verbs.ListDevices, new ListDevices(null, null, null, null));
        await ListAsync();
        var (listed, cost) = await CountAsync(conductor, ListAsync);
        Assert.Equal((50, 1), (listed.Devices.Count, cost.Statements));
        // What the API asks before it shows what it keeps.
        await conductor.CallAsync(Verbs.ReadRevision, new ReadRevision(ListKind.Inventory));
        Assert.Equal(1, (await CountAsync(conductor, () => conductor.CallAsync(Verbs.ReadRevision, new ReadRevision(ListKind.Inventory)))).Cost.Statements);
    }

    [Theory, EachDatabase]
    public async Task A_changed_report_costs_the_same_however_many_other_hosts_there_are(DatabaseKind kind)
    {
        const int Most = 24;
        await using var conductor = await TestConductor.StartAsync(kind, quiet: true);
        await conductor.ReportAsync(Cards(1));
        await conductor.ReportAsync(Cards(2));
        var few = (await CountAsync(conductor, () => conductor.ReportAsync(Cards(3)))).Cost;
        for (var host = 0; host < 40; host++)
            await conductor.ReportAsync($"other-{host}", new DriverDiscovery("x", [.. Enumerable.Range(0, 8).Select(n => TestConductor.Card($"other-{host}-{n}", 16))]));
        var many = (await CountAsync(conductor, () => conductor.ReportAsync(Cards(4)))).Cost;
        Assert.Equal(few, many);
        Assert.InRange(many.Statements, 10, Most);

        static DriverDevice[] Cards(int count) => [.. Enumerable.Range(0, count).Select(n => TestConductor.Card($"card-{n}", 16))];
    }

    [Theory, EachDatabase]
    public async Task An_unchanged_report_costs_nothing_beside_the_sign_of_life(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind, quiet: true);
        var large = TestConductor.Inventory(new DriverDiscovery("x", [.. Enumerable.Range(0, 8).Select(n => TestConductor.Card($"card-{n}", 16))]));
        var empty = TestConductor.Inventory();
        await conductor.CallAsync(Verbs.ReportInventory, large, host: "large");
        await conductor.CallAsync(Verbs.ReportInventory, empty, host: "empty");
        var heartbeats = new Heartbeats(conductor.Database, ConductorOptions.From(CyborgConfig.Empty), NullLogger.Instance, TimeProvider.System);

        var costs = new List<int>();
        foreach (var (host, report) in new[] { ("large", large), ("empty", empty) })
        {
            var (reply, cost) = await CountAsync(conductor, async () =>
            {
                var beat = heartbeats.HandleAsync(new Heartbeat(TestConductor.Agent, report.Checksum, 0), new CallContext { Host = host }, Stop);
                await heartbeats.FlushAsync(Stop);
                return await beat;
            });
            Assert.False(reply.ReportWanted);
            costs.Add(cost.Statements);
        }
        // Lock, renew, and a look for devices that wait to be installed: for all hosts together.
        Assert.Equal([3, 3], costs);
    }

    private static async Task<Dictionary<string, (int Statements, int RoundTrips)>> WalkAsync(TestConductor conductor)
    {
        var (scope, instance) = (TestConductor.Scope(TestConductor.Project), Guid.NewGuid());
        var costs = new Dictionary<string, (int, int)>();
        var made = await StepAsync("create", () => conductor.CallAsync(Verbs.CreateArqs, new CreateArqs("one"), idempotencyId: Guid.NewGuid()));
        Guid[] arqs = [.. made.Arqs.Select(arq => arq.Uuid)];
        await StepAsync("bind", () => conductor.BindAsync(arqs, "card", instance, idempotencyId: Guid.NewGuid()));
        var listed = await StepAsync("list", () => conductor.CallAsync(Verbs.ListArqs, new ListArqs(scope, instance)));
        Assert.Equal(ArqState.Bound, Assert.Single(listed.Arqs).State);
        await StepAsync("delete", () => conductor.CallAsync(Verbs.DeleteArqs, new DeleteArqs(scope, arqs, AlsoBound: true), idempotencyId: Guid.NewGuid()));
        return costs;

        async Task<T> StepAsync<T>(string name, Func<Task<T>> call)
        {
            var (result, cost) = await CountAsync(conductor, call);
            costs[name] = cost;
            return result;
        }
    }

    private static async Task<(T Result, (int Statements, int RoundTrips) Cost)> CountAsync<T>(TestConductor conductor, Func<Task<T>> work)
    {
        using var count = StatementCount.Start(conductor.Database);
        var result = await work();
        return (result, (count.Statements, count.RoundTrips));
    }

    /// <summary>ARQs that are there and have nothing to do with what is counted.</summary>
    private static Task AddArqsAsync(TestConductor conductor, int count, string project = "somebody-else") => conductor.Database.TransactAsync(
        async session =>
        {
            var profile = await session.DeviceProfiles.Select(row => row.Id).FirstAsync(Stop);
            await session.InsertAllAsync([.. Enumerable.Range(0, count).Select(_ => new ArqRow
            {
                Uuid = Guid.NewGuid(), ProjectId = project, State = ArqState.Initial, DeviceProfileId = profile,
            })], Stop);
        },
        Stop);
}
