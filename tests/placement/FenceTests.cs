using System.Net;
using System.Text.Json;
using Cyborg.TestServers;

namespace Cyborg.Placement.Tests;

public sealed class FenceTests
{
    private readonly Bench _bench = new();

    [Fact]
    public async Task All_accelerators_are_reserved_and_nothing_else()
    {
        var (a, b) = (_bench.Want(Bench.Deployable("a", 4)), _bench.Want(Bench.Deployable("b", 2, ("rc", "CUSTOM_QAT"))));
        await _bench.SyncAsync();
        _bench.Placement.Put(_bench["a"] with { Inventories = _bench["a"].Inventories.Add("VCPU", new FakeInventory(8, 1, 8)) });
        var outcome = await FenceAsync(a.Provider, Guid.NewGuid(), b.Provider);
        Assert.Equal(FenceEnd.Shown, outcome.End);
        Assert.Equal((4, 4), _bench.Amounts("a"));
        Assert.Equal((2, 2), _bench.Amounts("b", "CUSTOM_QAT"));
        Assert.Equal((8, 1), _bench.Amounts("a", "VCPU"));
        Assert.Equal(4, _bench["a"].Inventories["FPGA"].MaxUnit);
    }

    [Fact]
    public async Task A_fence_that_has_ended_writes_nothing()
    {
        var deployable = _bench.Want(Bench.Deployable("d"));
        await _bench.SyncAsync();
        var outcome = await new ProviderFence(_bench.Client()).ReserveAsync([deployable.Provider], _ => Task.FromResult(false), Bench.Token);
        Assert.Equal(FenceEnd.Ended, outcome.End);
        Assert.Equal((2, 0), _bench.Amounts("d"));
    }

    [Fact]
    public async Task Each_conflict_is_followed_by_a_new_look_and_the_end_by_a_reason()
    {
        var deployable = _bench.Want(Bench.Deployable("d"));
        await _bench.SyncAsync();
        var looks = 0;
        _bench.Before = (method, _) =>
        {
            if (method == "PUT" && looks < 3)
                _bench.Placement.Put(_bench["d"]);
            return null;
        };
        var fence = new ProviderFence(_bench.Client());
        Assert.Equal(FenceEnd.Shown, (await fence.ReserveAsync([deployable.Provider], _ => Task.FromResult(++looks > 0), Bench.Token)).End);
        Assert.Equal(3, looks);

        looks = int.MinValue;
        var outcome = await fence.ReserveAsync([deployable.Provider], _ => Task.FromResult(++looks < 0), Bench.Token);
        Assert.Equal(FenceEnd.Failed, outcome.End);
        Assert.Contains("keep changing", outcome.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(403)]
    [InlineData(400)]
    public async Task A_placement_that_does_not_serve_is_a_failure_with_a_reason(int status)
    {
        var deployable = _bench.Want(Bench.Deployable("d"));
        await _bench.SyncAsync();
        _bench.Before = (method, _) => method == "PUT" ? FakeReply.Error(status, "told to") : null;
        var outcome = await FenceAsync(deployable.Provider);
        Assert.Equal(FenceEnd.Failed, outcome.End);
        Assert.Contains("told to", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_goes_between_is_passed_over()
    {
        var deployable = _bench.Want(Bench.Deployable("d"));
        await _bench.SyncAsync();
        _bench.Before = (method, _) =>
        {
            if (method == "PUT")
                _bench.Placement.Remove(deployable.Provider);
            return null;
        };
        Assert.Equal(FenceEnd.Shown, (await FenceAsync(deployable.Provider)).End);
    }

    /// <summary>The agent raises what it offers while the conductor fences its host; then it hears of the fence, reports, and restores. In every order
    /// of their calls nothing is offered while the fence stands in Placement, and the last word is what the database says.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Agent_and_conductor_on_one_provider_in_every_order(bool isNew)
    {
        var orders = await Turns.ExploreAsync(turns =>
        {
            var world = new World(turns, isNew);
            return ([world.FenceAsync, world.AgentAsync], world.Check);
        });
        TestContext.Current.TestOutputHelper!.WriteLine($"{orders} orders");
        Assert.InRange(orders, 100, 100_000);
    }

    /// <summary>The same, but the agent's heartbeats and reports go on beside its syncs: of half a million orders, some.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Heartbeats_reports_syncs_and_a_fence_in_any_order(bool isNew) =>
        await Turns.SampleAsync(10_000, turns =>
        {
            var world = new World(turns, isNew);
            return ([world.FenceAsync, () => world.SyncAsync(1), () => world.ReportAsync(2)], world.Check);
        });

    private Task<FenceOutcome> FenceAsync(params Guid[] providers) =>
        new ProviderFence(_bench.Client()).ReserveAsync(providers, _ => Task.FromResult(true), Bench.Token);

    /// <summary>One host, its agent, a conductor, their database and Placement.</summary>
    private sealed class World
    {
        private readonly Turns _turns;
        private readonly FakePlacement _placement = new();
        private readonly WantedDeployable _deployable = Bench.Deployable("d", 2);
        private readonly ProviderSync _sync;
        private ProviderLedger _ledger = ProviderLedger.Empty;
        private (long Epoch, bool Fenced) _database = (1, false);
        private WantedDeployable _wanted;
        private bool _playing;
        private long _synced = 1;
        private long _told = 1;
        private long _reported = 1;
        private bool _shown;
        private string? _broken;

        public World(Turns turns, bool isNew)
        {
            _turns = turns;
            _wanted = _deployable;
            _placement.AddHost(Bench.HostName);
            _sync = new ProviderSync(Client(1, "agent"), new SyncSource(
                Bench.HostName, ReadWantsAsync,
                // The agent's lease has run out before the conductor fences; only a heartbeat, which tells the new epoch, confirms it again.
                wants => _told == _database.Epoch && !wants.Fenced && wants.Epoch == _told && wants.Epoch == _reported,
                () => _ledger, ledger => _ledger = ledger));
            // What the agent knows of Placement before the play begins: the names, and unless it is new, the provider.
            if (isNew)
                _wanted = Bench.Deployable("other");
            Assert.True(_sync.RunAsync(_ => false, Bench.Token).IsCompletedSuccessfully);
            _wanted = isNew ? _deployable : _deployable with { NumAccelerators = 3 };
            _playing = true;
        }

        public async Task FenceAsync()
        {
            await _turns.StepAsync(0, "fence");
            _database = (2, true);
            var outcome = await new ProviderFence(Client(0, "conductor")).ReserveAsync([_deployable.Provider], StillFencedAsync, Bench.Token);
            _shown = outcome.End == FenceEnd.Shown && _database.Fenced;
            Look();
        }

        /// <summary>All that the agent does, one after the other.</summary>
        public async Task AgentAsync()
        {
            await _sync.RunAsync(wants => wants.Epoch != _synced, Bench.Token);
            await ReportAsync(1);
            await SyncAsync(1);
        }

        /// <summary>The agent's provider loop.</summary>
        public async Task SyncAsync(int actor)
        {
            while (true)
            {
                var tried = (_told, _reported);
                var result = await _sync.RunAsync(wants => wants.Epoch != _synced, Bench.Token);
                Assert.False(result.Contested);
                if (!result.HeldBack && !result.Wants.Fenced)
                    _synced = result.Wants.Epoch;
                await _turns.StepAsync(actor, "again", () => tried != (_told, _reported) && _synced != _reported);
            }
        }

        /// <summary>The agent's heartbeats and reports.</summary>
        public async Task ReportAsync(int actor)
        {
            await _turns.StepAsync(actor, "heartbeat", () => _database.Epoch != _told);
            _told = _database.Epoch;
            await _turns.StepAsync(actor, "report");
            (_database, _shown) = (_database with { Fenced = false }, false);
            await _turns.StepAsync(actor, "report accepted");
            _reported = _told;
        }

        public void Check()
        {
            Assert.Null(_broken);
            var inventory = _placement.Named("d")!.Inventories["FPGA"];
            Assert.Equal((2, 2, 2), (_synced, _reported, _told));
            Assert.Equal((_wanted.NumAccelerators, 0), (inventory.Total, inventory.Reserved));
        }

        private async Task<bool> StillFencedAsync(CancellationToken stop)
        {
            await _turns.StepAsync(0, "still fenced?");
            return _database == (2, true);
        }

        private async Task<HostWants> ReadWantsAsync(CancellationToken stop)
        {
            if (_playing)
                await _turns.StepAsync(1, "wants");
            return new HostWants(1, _database.Epoch, _database.Fenced, [_wanted]);
        }

        private PlacementClient Client(int actor, string name) => new(async (request, stop) =>
        {
            if (_playing)
                await _turns.StepAsync(actor, $"{name} {request.Method} {request.Path.Split('/')[^1]}");
            var reply = _placement.Handle(request.Method.Method, request.Path, request.Body, request.Headers["OpenStack-API-Version"]);
            Look();
            return new HttpResponseMessage((HttpStatusCode)reply.Status)
            {
                Content = new ByteArrayContent(reply.Body is null ? [] : JsonSerializer.SerializeToUtf8Bytes(reply.Body)),
            };
        });

        private void Look()
        {
            if (_shown && _placement.Named("d")?.Free("FPGA") > 0)
                _broken = "Placement offers something while the fence stands.";
        }
    }
}
