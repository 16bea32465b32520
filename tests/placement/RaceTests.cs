using Cyborg.Model;
using Cyborg.TestServers;

namespace Cyborg.Placement.Tests;

public sealed class RaceTests
{
    private readonly Bench _bench = new();

    [Theory]
    [InlineData("/inventories")]
    [InlineData("/traits")]
    public async Task After_a_generation_conflict_everything_is_read_again(string what)
    {
        var deployable = _bench.Want(Bench.Deployable("d"));
        await _bench.SyncAsync();
        _bench.Change("d", one => one with { NumAccelerators = 3, Attributes = [new DriverAttribute("rc", "FPGA"), new DriverAttribute("trait", "CUSTOM_B")] });
        var read = _bench.WantsRead;
        _bench.Before = Once((method, path) => method == "PUT" && path.EndsWith(what, StringComparison.Ordinal), () =>
        {
            _bench.Placement.Allocate(Guid.NewGuid(), deployable.Provider, "FPGA", 1);
            _bench.Change("d", one => one with { NumAccelerators = 4 });
        });
        var result = await _bench.SyncAsync();
        Assert.Equal(4, _bench.Amounts("d").Total);
        Assert.Equal(["CUSTOM_B", "OWNER_CYBORG"], _bench["d"].Traits);
        Assert.Equal(read + 2, _bench.WantsRead);
        Assert.False(result.Contested);
        Assert.Single(_bench.Placement.Journal, line => line.EndsWith("409", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Somebody_who_never_stops_changing_a_provider_ends_the_sync_and_not_the_service()
    {
        var deployable = _bench.Want(Bench.Deployable("d"));
        await _bench.SyncAsync();
        _bench.Change("d", one => one with { NumAccelerators = 3 });
        _bench.Before = (method, path) =>
        {
            if (method == "PUT")
                _bench.Placement.Put(_bench["d"]);
            return null;
        };
        Assert.True((await _bench.SyncAsync()).Contested);
        Assert.InRange(_bench.Placement.Journal.Count(line => line.EndsWith("409", StringComparison.Ordinal)), 2, 20);
        _bench.Before = (_, _) => null;
        Assert.False((await _bench.SyncAsync()).Contested);
        Assert.Equal((3, 0), _bench.Amounts("d"));
        Assert.Equal(deployable.Provider, _bench["d"].Uuid);
    }

    [Theory]
    [InlineData("PUT", "/inventories")]
    [InlineData("PUT", "/traits")]
    [InlineData("GET", "/inventories")]
    [InlineData("GET", "/traits")]
    [InlineData("DELETE", "")]
    public async Task A_provider_that_goes_in_the_middle_is_made_again_or_is_gone(string method, string what)
    {
        var deployable = _bench.Want(Bench.Deployable("d"));
        await _bench.SyncAsync();
        var deletes = method == "DELETE";
        _bench.Change("d", one => one with
        {
            Missing = deletes,
            NumAccelerators = 3,
            Attributes = [new DriverAttribute("rc", "FPGA"), new DriverAttribute("trait", "CUSTOM_B")],
        });
        _bench.Restart();
        _bench.Before = Once((m, path) => m == method && path.EndsWith(what, StringComparison.Ordinal), () => _bench.Placement.Remove(deployable.Provider));
        var result = await _bench.SyncAsync();
        if (deletes)
            Assert.Equal([deployable.Deployable], result.Gone);
        else
            Assert.Equal((3, 0), _bench.Amounts("d"));
    }

    [Fact]
    public async Task A_write_between_two_reads_of_one_provider_is_never_written_over()
    {
        var deployable = _bench.Want(Bench.Deployable("d"));
        await _bench.SyncAsync();
        _bench.Restart();
        _bench.Change("d", one => one with { NumAccelerators = 3 });
        _bench.Before = Once((method, path) => method == "GET" && path.EndsWith("/traits", StringComparison.Ordinal), () =>
            _bench.Placement.Put(_bench["d"] with { Inventories = _bench["d"].Inventories.Add("CUSTOM_SITE", new FakeInventory(1, 0, 1)) }));
        await _bench.SyncAsync();
        Assert.Equal(["CUSTOM_SITE", "FPGA"], _bench["d"].Inventories.Keys);
        Assert.Equal((3, 0), _bench.Amounts("d"));
        Assert.Equal(deployable.Provider, _bench["d"].Uuid);
    }

    [Fact]
    public async Task Without_the_right_to_grow_less_is_offered_and_never_more()
    {
        var known = _bench.Want(Bench.Deployable("more", 4) with { Withheld = 2 });
        _bench.Want(Bench.Deployable("less", 4));
        _bench.Want(Bench.Deployable("gone", 4));
        _bench.Want(Bench.Deployable("class", 4));
        await _bench.SyncAsync();
        _bench.MayGrow = false;
        _bench.Want(Bench.Deployable("new"));
        _bench.Change("more", one => one with { Withheld = 0, NumAccelerators = 9, FunctionTrait = "CUSTOM_FPGA_FUNCTION_ID_1" });
        _bench.Change("less", one => one with { State = DeviceState.Inactive });
        _bench.Change("gone", one => one with { Missing = true });
        _bench.Change("class", one => one with { Attributes = [new DriverAttribute("rc", "PGPU")] });
        var result = await _bench.SyncAsync();
        Assert.True(result.HeldBack);
        Assert.Equal((4, 2), _bench.Amounts("more"));
        Assert.Equal((4, 4), _bench.Amounts("less"));
        Assert.Equal((4, 4), _bench.Amounts("class"));
        Assert.Equal(["FPGA"], _bench["class"].Inventories.Keys);
        Assert.Null(_bench.Placement.Named("gone"));
        Assert.Null(_bench.Placement.Named("new"));
        Assert.DoesNotContain("CUSTOM_FPGA_FUNCTION_ID_1", _bench["more"].Traits);
        _bench.MayGrow = true;
        Assert.False((await _bench.SyncAsync()).HeldBack);
        Assert.Equal((9, 0), _bench.Amounts("more"));
        Assert.Equal((2, 0), _bench.Amounts("new"));
        Assert.Equal(["PGPU"], _bench["class"].Inventories.Keys);
        Assert.Equal(known.Provider, _bench["more"].Uuid);
    }

    [Fact]
    public async Task The_right_to_grow_that_is_lost_in_the_middle_stops_what_grows()
    {
        _bench.Want(Bench.Deployable("d"));
        _bench.Before = (method, path) =>
        {
            if (method == "PUT" && path.EndsWith("/traits", StringComparison.Ordinal))
                _bench.MayGrow = false;
            return null;
        };
        Assert.True((await _bench.SyncAsync()).HeldBack);
        Assert.Empty(_bench["d"].Inventories);
    }

    [Fact]
    public async Task A_rewrite_without_the_right_to_grow_is_held_back_even_where_nothing_differs()
    {
        _bench.Want(Bench.Deployable("d"));
        await _bench.SyncAsync();
        _bench.MayGrow = false;
        Assert.False((await _bench.SyncAsync()).HeldBack);
        Assert.True((await _bench.SyncAsync(rewrite: true)).HeldBack);
    }

    [Fact]
    public async Task A_fenced_host_offers_nothing()
    {
        _bench.Want(Bench.Deployable("d"));
        await _bench.SyncAsync();
        _bench.Fenced = true;
        await _bench.SyncAsync();
        Assert.Equal((2, 2), _bench.Amounts("d"));
    }

    [Fact]
    public async Task What_is_about_to_be_written_is_kept_before_and_nothing_is_written_when_it_cannot_be()
    {
        _bench.Want(Bench.Deployable("d"));
        await _bench.SyncAsync();
        _bench.Change("d", one => one with { Attributes = [new DriverAttribute("rc", "PGPU"), new DriverAttribute("trait", "CUSTOM_B")] });
        LedgerEntry? during = null;
        _bench.Before = (method, path) =>
        {
            if (method == "PUT" && path.EndsWith("/traits", StringComparison.Ordinal))
                during = Assert.Single(_bench.Ledger.Entries);
            return null;
        };
        await _bench.SyncAsync();
        Assert.Equal(["FPGA", "PGPU"], during!.Classes);
        Assert.Equal(["CUSTOM_A", "CUSTOM_B", "OWNER_CYBORG"], during.Traits);
        Assert.Equal(["PGPU"], Assert.Single(_bench.Ledger.Entries).Classes);

        var full = new ProviderSync(_bench.Client(), new SyncSource(
            Bench.HostName, _ => Task.FromResult(new HostWants(1, 1, false, [Bench.Deployable("e")])), _ => true, () => _bench.Ledger,
            _ => throw new IOException("disk full")));
        _bench.Placement.ClearJournal();
        await Assert.ThrowsAsync<IOException>(() => full.RunAsync(_ => false, Bench.Token));
        Assert.Empty(_bench.Placement.Writes);
    }

    private static Func<string, string, FakeReply?> Once(Func<string, string, bool> when, Action what)
    {
        var done = false;
        return (method, path) =>
        {
            if (!done && when(method, path))
            {
                done = true;
                what();
            }
            return null;
        };
    }
}
