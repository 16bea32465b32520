using Cyborg.Conductor.Hosts;
using Cyborg.Conductor.Providers;
using Cyborg.Hosting;
using Cyborg.Identity.Session;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Conductor.Tests;

/// <summary>A fence in the database is shown in Placement, until it is, by whoever comes; and never over what the agent restored.</summary>
public sealed class FenceTests
{
    private static readonly Guid Provider = ProviderIdentity.Uuid("card");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_fence_is_shown_once(DatabaseKind kind)
    {
        await using var stage = await Stage.StartAsync(kind);
        var asked = new List<IReadOnlyList<Guid>>();
        var fences = stage.Fences((providers, stillFenced, stop) =>
        {
            asked.Add(providers);
            return Task.FromResult<string?>(null);
        });
        await fences.RoundAsync(Stop);
        Assert.Empty(asked);

        await stage.FenceAsync(1);
        await fences.RoundAsync(Stop);
        await fences.RoundAsync(Stop);
        Assert.Equal([Provider], Assert.Single(asked));
        Assert.Equal(1, await stage.ShownAsync());
        Assert.StartsWith("Information 2016", Assert.Single(stage.Told.Lines), StringComparison.Ordinal);

        // The agent came back and went again.
        await stage.ReportAsync(epoch: 1);
        await fences.RoundAsync(Stop);
        Assert.Single(asked);
        await stage.FenceAsync(2);
        await fences.RoundAsync(Stop);
        Assert.Equal(2, asked.Count);
        Assert.Equal(2, await stage.ShownAsync());
    }

    [Fact]
    public async Task A_placement_that_is_away_is_tried_again_less_and_less_often_and_told_of_once()
    {
        await using var stage = await Stage.StartAsync(DatabaseKind.Sqlite);
        await stage.FenceAsync(1);
        var (asked, problem) = (0, (string?)"Placement is away");
        var fences = stage.Fences((_, _, _) =>
        {
            asked++;
            return Task.FromResult(problem);
        });
        for (var second = 0; second < 40; second++)
        {
            await fences.RoundAsync(Stop);
            stage.Clock.Advance(1);
        }
        // After 0, 1, 3, 7, 15 and 31 seconds.
        Assert.Equal(6, asked);
        Assert.Single(stage.Told.Lines);
        problem = "Placement refuses";
        stage.Clock.Advance(30);
        await fences.RoundAsync(Stop);
        Assert.Equal(2, stage.Told.Lines.Count);
        problem = null;
        stage.Clock.Advance(30);
        await fences.RoundAsync(Stop);
        Assert.Equal(1, await stage.ShownAsync());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(3, 8)]
    [InlineData(5, 30)]
    [InlineData(1_000_000, 30)]
    public void Pauses_grow_and_stay_bounded(int attempts, double seconds) => Assert.Equal(seconds, Fences.Pause(attempts));

    [Fact]
    public async Task One_hosts_trouble_is_not_anothers()
    {
        await using var stage = await Stage.StartAsync(DatabaseKind.Sqlite);
        await stage.Conductor.CallAsync(
            Verbs.ReportInventory, TestConductor.Inventory(new DriverDiscovery("x", [TestConductor.Card("far", 1)])) with { ManagesProviders = true }, host: "far");
        await stage.FenceAsync(1);
        var fences = stage.Fences((providers, _, _) =>
            providers[0] == Provider ? throw new InvalidOperationException("broken") : Task.FromResult<string?>(null));
        await fences.RoundAsync(Stop);
        Assert.Equal(0, await stage.ShownAsync());
        Assert.Equal(1, await stage.ShownAsync("far"));
        Assert.Contains(stage.Told.Lines, line => line.Contains("broken", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_watch_of_the_hosts_sees_that_a_fence_is_owed()
    {
        await using var stage = await Stage.StartAsync(DatabaseKind.Sqlite);
        await using var server = new BusServer(new InProcessBus().Connect(), TestConductor.Patient, NullLoggerFactory.Instance, TimeProvider.System);
        var owed = 0;
        var watch = new HostWatch(
            stage.Conductor.Database, server, () => null, ConductorOptions.From(CyborgConfig.Empty), NullLogger.Instance, TimeProvider.System)
        { FenceOwed = () => owed++ };
        await watch.TickAsync(Stop);
        Assert.Equal(0, owed);
        await stage.FenceAsync(1);
        await watch.TickAsync(Stop);
        await watch.TickAsync(Stop);
        Assert.Equal(2, owed);
        await stage.Fences((_, _, _) => Task.FromResult<string?>(null)).RoundAsync(Stop);
        await watch.TickAsync(Stop);
        Assert.Equal(2, owed);
    }

    [Theory, EachDatabase]
    public async Task In_placement_all_is_reserved(DatabaseKind kind)
    {
        await using var stage = await Stage.StartAsync(kind);
        stage.Placement.Add(Provider, "FPGA", total: 3);
        await stage.FenceAsync(1);
        await stage.RoundAsync();
        Assert.Equal((3, 1L), (stage.Placement.Reserved(Provider, "FPGA"), await stage.ShownAsync()));
    }

    [Fact]
    public async Task A_provider_that_placement_does_not_know_is_no_problem()
    {
        await using var stage = await Stage.StartAsync(DatabaseKind.Sqlite);
        await stage.FenceAsync(1);
        await stage.RoundAsync();
        Assert.Equal((0, 1L), (stage.Placement.Writes, await stage.ShownAsync()));
    }

    [Fact]
    public async Task A_writer_that_comes_between_is_read_again()
    {
        await using var stage = await Stage.StartAsync(DatabaseKind.Sqlite);
        stage.Placement.Add(Provider, "FPGA", total: 3);
        await stage.FenceAsync(1);
        var turns = 2;
        stage.Placement.AfterRead = provider =>
        {
            if (turns-- > 0)
                stage.Placement.Change(provider, "FPGA", 1);
        };
        await stage.RoundAsync();
        Assert.Equal((3, 1, 1L), (stage.Placement.Reserved(Provider, "FPGA"), stage.Placement.Writes, await stage.ShownAsync()));
    }

    [Fact]
    public async Task What_the_agent_restored_is_not_reserved_again()
    {
        await using var stage = await Stage.StartAsync(DatabaseKind.Sqlite);
        stage.Placement.Add(Provider, "FPGA", total: 3, reserved: 3);
        await stage.FenceAsync(1);
        // The agent is back just now: it ends the fence, then restores.
        stage.Placement.AfterRead = provider =>
        {
            stage.Placement.AfterRead = _ => { };
            stage.ReportAsync(epoch: 1).GetAwaiter().GetResult();
            stage.Placement.Change(provider, "FPGA", 0);
        };
        await stage.RoundAsync();
        Assert.Equal((0, 0, 0L), (stage.Placement.Reserved(Provider, "FPGA"), stage.Placement.Writes, await stage.ShownAsync()));
    }

    [Fact]
    public async Task What_the_agent_restores_between_the_look_and_the_write_is_not_reserved_again()
    {
        await using var stage = await Stage.StartAsync(DatabaseKind.Sqlite);
        stage.Placement.Add(Provider, "FPGA", total: 3, reserved: 3);
        await stage.FenceAsync(1);
        var reserve = stage.Reserve();
        var fences = stage.Fences((providers, stillFenced, stop) => reserve(
            providers,
            async cancel =>
            {
                var still = await stillFenced(cancel);
                if (still)
                {
                    await stage.ReportAsync(epoch: 1);
                    stage.Placement.Change(Provider, "FPGA", 0);
                }
                return still;
            },
            stop));
        await fences.RoundAsync(Stop);
        Assert.Equal((0, 0, 0L), (stage.Placement.Reserved(Provider, "FPGA"), stage.Placement.Writes, await stage.ShownAsync()));
    }

    [Fact]
    public async Task A_broken_placement_is_told_and_left_for_later()
    {
        await using var stage = await Stage.StartAsync(DatabaseKind.Sqlite);
        stage.Placement.Add(Provider, "FPGA", total: 3);
        stage.Placement.Trouble = 500;
        await stage.FenceAsync(1);
        var fences = stage.Fences(stage.Reserve());
        await fences.RoundAsync(Stop);
        Assert.StartsWith("Warning 2017", Assert.Single(stage.Told.Lines), StringComparison.Ordinal);
        stage.Placement.Trouble = null;
        stage.Clock.Advance(1);
        await fences.RoundAsync(Stop);
        Assert.Equal((3, 1L), (stage.Placement.Reserved(Provider, "FPGA"), await stage.ShownAsync()));
    }

    /// <summary>A host with one card whose agent writes to Placement, and what a conductor needs for its fences.</summary>
    private sealed class Stage : IAsyncDisposable
    {
        private readonly WireMockKeystone _keystone = WireMockKeystone.Start();
        private readonly KeystoneSession _session;

        private Stage(TestConductor conductor)
        {
            Conductor = conductor;
            _keystone.AddService("placement", Placement.Url);
            var section = new ServiceSection("placement", "placement");
            var config = CyborgConfig.Parse([new ConfigSource("cyborg.conf", _keystone.Section("placement", "status_code_retries = 0"))], section.All);
            _session = section.Open(config, NullLoggerFactory.Instance, TimeProvider.System)!;
        }

        public TestConductor Conductor { get; }

        public WireMockPlacement Placement { get; } = new();

        public ManualClock Clock { get; } = new();

        public CollectedLog Told { get; } = new();

        public static async Task<Stage> StartAsync(DatabaseKind kind)
        {
            var stage = new Stage(await TestConductor.StartAsync(kind, quiet: true));
            await stage.ReportAsync(epoch: 0);
            return stage;
        }

        public Fences Fences(ReserveProviders reserve) => new(Conductor.Database, reserve, Told, Clock);

        public ReserveProviders Reserve() => PlacementFence.Over(_session);

        public Task RoundAsync() => Fences(Reserve()).RoundAsync(Stop);

        public Task ReportAsync(long epoch) => Conductor.CallAsync(
            Verbs.ReportInventory,
            TestConductor.Inventory(new DriverDiscovery("fake_driver", [TestConductor.Card("card", 3)])) with { ManagesProviders = true, Epoch = epoch },
            host: TestConductor.Host);

        /// <summary>As the watch of the hosts does.</summary>
        public Task FenceAsync(long epoch) => Conductor.Database.TransactAsync(
            database => database.Hosts.Set(row => row.Fenced, true).Set(row => row.Epoch, epoch).UpdateAsync(Stop), Stop);

        public Task<long> ShownAsync(string host = TestConductor.Host) => Conductor.Database.ReadAsync(
            database => database.Hosts.Where(row => row.Name == host).Select(row => row.FenceShown).FirstAsync(Stop), Stop);

        public async ValueTask DisposeAsync()
        {
            _session.Dispose();
            Placement.Dispose();
            await _keystone.DisposeAsync();
            await Conductor.DisposeAsync();
        }
    }
}
