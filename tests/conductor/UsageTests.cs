using System.Text;
using Cyborg.Conductor.Usage;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.TestServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Conductor.Tests;

/// <summary>What agents broadcast of their devices' use is known to every conductor that hears it, for a while, and to no database.</summary>
public sealed class UsageTests
{
    private static readonly DriverControlPath Card = TestConductor.Card("card", 1).ControlPath;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_fresh_conductor_says_since_when_it_does_not_know_and_never_0(DatabaseKind kind)
    {
        var before = DateTimeOffset.UtcNow;
        await using var conductor = await TestConductor.StartAsync(kind);
        var uuid = await ReportAsync(conductor);
        var usage = await conductor.CallAsync(Verbs.ShowUsage, new ById(uuid));
        Assert.Equal((uuid, null, null), (usage.Uuid, usage.Figures, usage.MeasuredAt));
        Assert.InRange(usage.UnknownSince!.Value, before.AddSeconds(-1), DateTimeOffset.UtcNow.AddSeconds(1));
    }

    [Theory, EachDatabase]
    public async Task What_an_agent_broadcasts_is_shown_without_a_statement_that_writes(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind, quiet: true);
        var uuid = await ReportAsync(conductor);
        await using var agent = conductor.Bus.Connect();
        using var statements = StatementCount.Start(conductor.Database);
        await TellAsync(agent, TestConductor.Host, Usage(Card, ("accelerators_in_use", 0), ("utilization_percent", 37.5)));
        await AcceleratorStage.UntilAsync(async () => (await conductor.CallAsync(Verbs.ShowUsage, new ById(uuid))).Figures is not null);
        var usage = await conductor.CallAsync(Verbs.ShowUsage, new ById(uuid));
        // Nothing in use is a figure like any other.
        Assert.Equal([new("accelerators_in_use", 0), new("utilization_percent", 37.5)], usage.Figures!.OrderBy(figure => figure.Key));
        Assert.NotNull(usage.MeasuredAt);
        Assert.Null(usage.UnknownSince);
        Assert.All(statements.Texts, text => Assert.StartsWith("SELECT", text.TrimStart(), StringComparison.OrdinalIgnoreCase));
    }

    [Theory, EachDatabase]
    public async Task Usage_of_no_accelerator_is_not_found(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        Assert.Equal(FaultCode.AcceleratorNotFound, await conductor.FaultAsync(Verbs.ShowUsage, new ById(Guid.NewGuid())));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_conductor_hears_every_agent_on_either_bus(bool nats)
    {
        await using var server = nats ? await NatsServer.RequireAsync(cancellation: Stop) : null;
        var hub = new InProcessBus();
        await using var one = await ConnectAsync();
        await using var other = await ConnectAsync();
        await using var agent = await ConnectAsync();
        var (first, second) = (new UsageBoard(TimeProvider.System), new UsageBoard(TimeProvider.System));
        await using var firstEar = new UsageListener(one, first, NullLogger.Instance);
        await using var secondEar = new UsageListener(other, second, NullLogger.Instance);
        await firstEar.StartAsync(Stop);
        await secondEar.StartAsync(Stop);
        const string Host = "node 1.example.org";
        await TellAsync(agent, Host, Usage(Card, ("accelerators_in_use", 2)));
        foreach (var board in new[] { first, second })
        {
            await AcceleratorStage.UntilAsync(async () =>
            {
                await Task.Yield();
                return board.Count == 1;
            });
            Assert.Equal(2, board.Show(Guid.NewGuid(), Host, Card, DateTimeOffset.UnixEpoch).Figures!["accelerators_in_use"]);
        }

        async Task<IBusTransport> ConnectAsync() => server is null
            ? hub.Connect()
            : await BusTransports.OpenAsync($"nats://{server.Address}", new NatsSettings(), NullLoggerFactory.Instance, TimeProvider.System, Stop);
    }

    [Fact]
    public async Task What_is_no_usage_or_of_no_host_is_passed_over()
    {
        var hub = new InProcessBus();
        await using var conductor = hub.Connect();
        await using var agent = hub.Connect();
        var board = new UsageBoard(TimeProvider.System);
        await using var ear = new UsageListener(conductor, board, NullLogger.Instance);
        await ear.StartAsync(Stop);
        string[] odd =
        [
            "", "42", "{}", "null", """{"devices": null}""", """{"interval_seconds": 0, "devices": []}""", """{"interval_seconds": 1e300, "devices": [null]}""",
            """{"interval_seconds": 1, "devices": [null]}""", """{"interval_seconds": 1, "devices": [{"figures": {"a": 1}}]}""",
            """{"interval_seconds": 1, "devices": [{"control_path": {"cpid_type": "PCI", "cpid_info": "x"}, "figures": {}}]}""",
            """{"interval_seconds": 1, "devices": [{"control_path": {"cpid_type": "PCI", "cpid_info": "x"}, "figures": {"a": "NaN"}}]}""",
            """{"interval_seconds": 1, "devices": [{"control_path": {"cpid_type": "PCI", "cpid_info": "x"}, "figures": {"": 1}}]}""",
        ];
        foreach (var text in odd)
            await agent.PublishAsync(HostUsage.Subject("h"), null, Encoding.UTF8.GetBytes(text), Stop);
        await agent.PublishAsync(HostUsage.SubjectPrefix + "=7A", null, Bytes(Usage(Card, ("a", 1))), Stop);
        await TellAsync(agent, "last", Usage(Card, ("a", 1)));
        await AcceleratorStage.UntilAsync(async () =>
        {
            await Task.Yield();
            return board.Count > 0;
        });
        Assert.Equal(1, board.Count);
        Assert.NotNull(board.Show(Guid.NewGuid(), "last", Card, DateTimeOffset.UnixEpoch).Figures);
    }

    [Fact]
    public void Figures_are_unknown_again_after_three_intervals_and_since_the_last_of_them()
    {
        var clock = new WallClock();
        var board = new UsageBoard(clock);
        clock.Advance(1000);
        var heard = clock.GetUtcNow();
        board.Hear("h", Usage(Card, ("a", 1)) with { IntervalSeconds = 10 });
        clock.Advance(30);
        Assert.Equal(1, board.Show(Guid.NewGuid(), "h", Card, default).Figures!["a"]);
        clock.Advance(1);
        var old = board.Show(Guid.NewGuid(), "h", Card, default);
        Assert.Equal((null, null, heard), (old.Figures, old.MeasuredAt, old.UnknownSince));
        board.Hear("h", Usage(Card, ("a", 2)) with { IntervalSeconds = 10 });
        Assert.Equal((2, null), (board.Show(Guid.NewGuid(), "h", Card, default).Figures!["a"], board.Show(Guid.NewGuid(), "h", Card, default).UnknownSince));
        // What the same agent does not name any more goes the same way.
        Assert.NotNull(board.Show(Guid.NewGuid(), "h", Path(2), default).UnknownSince);
        board.Begin();
        Assert.Equal(clock.GetUtcNow(), board.Show(Guid.NewGuid(), "h", Card, default).UnknownSince);
    }

    [Fact]
    public void Nothing_is_known_of_an_accelerator_from_before_it_was()
    {
        var clock = new WallClock();
        var board = new UsageBoard(clock);
        clock.Advance(100);
        var born = clock.GetUtcNow();
        Assert.Equal(born, board.Show(Guid.NewGuid(), null, null, born).UnknownSince);
        Assert.Equal(WallClock.Begin, board.Show(Guid.NewGuid(), "h", Card, born.AddYears(-1)).UnknownSince);
    }

    [Fact]
    public void One_host_speaks_for_itself_alone()
    {
        var board = new UsageBoard(TimeProvider.System);
        board.Hear("h", Usage(Card, ("a", 1)));
        Assert.Null(board.Show(Guid.NewGuid(), "other", Card, default).Figures);
    }

    [Fact]
    public void Memory_is_bounded_by_host_and_by_all_and_the_old_makes_room_for_the_new()
    {
        var clock = new WallClock();
        var board = new UsageBoard(clock, mostDevices: 2000);
        Assert.Equal(100, board.Hear("greedy", Many(0, UsageBoard.MostOfHost + 100)));
        Assert.Equal(0, board.Hear("other", Many(0, 900)));
        Assert.Equal(24, board.Hear("third", Many(0, 100)));
        Assert.Equal(2000, board.Count);
        // What is known already has its place.
        Assert.Equal(0, board.Hear("other", Many(0, 900)));
        Assert.Equal(76, board.Hear("third", Many(100, 76)));
        Assert.Equal(5, board.Hear("fourth", Many(0, 5)));
        clock.Advance(31);
        var since = clock.GetUtcNow().AddSeconds(-31);
        Assert.Equal(0, board.Hear("fourth", Many(0, 5)));
        Assert.Equal(5, board.Count);
        // What was forgotten is unknown since it was last heard, and never longer.
        Assert.Equal(since, board.Show(Guid.NewGuid(), "other", Path(1), default).UnknownSince);
    }

    private static HostUsage Many(int from, int count) =>
        new(Guid.NewGuid(), 10, [.. Enumerable.Range(from, count).Select(n => new DeviceUsage(Path(n), new Dictionary<string, double> { ["a"] = n }))]);

    private static DriverControlPath Path(int n) => new("PCI", $$"""{"n": {{n}}}""");

    private static HostUsage Usage(DriverControlPath path, params (string Name, double Value)[] figures) =>
        new(Guid.NewGuid(), 60, [new DeviceUsage(path, figures.ToDictionary(figure => figure.Name, figure => figure.Value))]);

    private static async Task<Guid> ReportAsync(TestConductor conductor) =>
        Assert.Single((await conductor.ReportAsync(TestConductor.Card("card", 1))).Install).DeviceUuid;

    private static byte[] Bytes(HostUsage usage) => Assert.Single(usage.Messages(HostUsage.MaxBytes));

    private static async Task TellAsync(IBusTransport agent, string host, HostUsage usage) => await agent.PublishAsync(HostUsage.Subject(host), null, Bytes(usage), Stop);

    /// <summary>Both of its clocks stand until a test moves them.</summary>
    private sealed class WallClock : TimeProvider
    {
        public static readonly DateTimeOffset Begin = DateTimeOffset.UnixEpoch.AddYears(50);

        private TimeSpan _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now.Ticks;

        public override DateTimeOffset GetUtcNow() => Begin + _now;

        public void Advance(double seconds) => _now += TimeSpan.FromSeconds(seconds);
    }
}
