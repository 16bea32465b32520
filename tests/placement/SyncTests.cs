using System.Collections.Immutable;
using Cyborg.Model;
using Cyborg.TestServers;

namespace Cyborg.Placement.Tests;

public sealed class SyncTests
{
    private readonly Bench _bench = new();

    [Fact]
    public async Task A_deployable_becomes_a_provider_under_the_hosts_own()
    {
        var deployable = _bench.Want(Bench.Deployable("d", 4, ("rc", "CUSTOM_QAT"), ("trait0", "CUSTOM_A")));
        var result = await _bench.SyncAsync();
        var provider = _bench["d"];
        Assert.Equal((deployable.Provider, _bench.Host), (provider.Uuid, provider.Parent));
        Assert.Equal(new FakeInventory(4, 0, 4), Assert.Single(provider.Inventories).Value);
        Assert.Equal(["CUSTOM_A", "OWNER_CYBORG"], provider.Traits);
        Assert.Equal((false, false, 0), (result.HeldBack, result.Contested, result.Problems.Count + result.Held.Count));
        Assert.Contains("PUT /resource_classes/CUSTOM_QAT -> 201", _bench.Placement.Journal);
    }

    [Fact]
    public async Task Standard_names_are_never_made_and_custom_ones_once()
    {
        _bench.Want(Bench.Deployable("a"));
        _bench.Want(Bench.Deployable("b"));
        await _bench.SyncAsync();
        Assert.DoesNotContain(_bench.Placement.Writes, line => line.Contains("/traits/OWNER", StringComparison.Ordinal) || line.Contains("/resource_classes/", StringComparison.Ordinal));
        Assert.Single(_bench.Placement.Writes, line => line.StartsWith("PUT /traits/CUSTOM_A", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Traits_are_there_before_anything_is_offered()
    {
        _bench.Want(Bench.Deployable("d"));
        await _bench.SyncAsync();
        var writes = _bench.Placement.Writes.Where(line => line.Contains("/resource_providers/", StringComparison.Ordinal)).ToList();
        Assert.EndsWith("/traits -> 200", writes[0], StringComparison.Ordinal);
        Assert.EndsWith("/inventories -> 200", writes[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_written_when_nothing_differs_and_one_call_tells()
    {
        _bench.Want(Bench.Deployable("a"));
        _bench.Want(Bench.Deployable("b"));
        await _bench.SyncAsync();
        _bench.Placement.ClearJournal();
        Assert.False(await _bench.DriftedAsync());
        Assert.Single(_bench.Placement.Journal);
        await _bench.SyncAsync();
        Assert.Equal(2, _bench.Placement.Journal.Count);
        _bench.Restart();
        var (before, kept) = (_bench.Placement.Providers, _bench.LedgerWrites);
        await _bench.SyncAsync();
        Assert.Empty(_bench.Placement.Writes);
        Assert.Equal(before, _bench.Placement.Providers);
        Assert.Equal(kept, _bench.LedgerWrites);
    }

    [Fact]
    public async Task A_rewrite_raises_the_generation_of_what_is_as_it_should_be_and_changes_nothing()
    {
        _bench.Want(Bench.Deployable("d"));
        await _bench.SyncAsync();
        var before = _bench["d"];
        await _bench.SyncAsync(rewrite: true);
        Assert.Equal((before with { Generation = before.Generation + 1 }).ToString(), _bench["d"].ToString());
        Assert.False(await _bench.DriftedAsync());
    }

    [Theory]
    [InlineData("total")]
    [InlineData("reserved")]
    [InlineData("trait gone")]
    [InlineData("parent")]
    [InlineData("name")]
    [InlineData("class gone")]
    [InlineData("provider gone")]
    public async Task What_others_change_of_ours_is_found_and_mended(string what)
    {
        _bench.Want(Bench.Deployable("d"));
        await _bench.SyncAsync();
        var ours = _bench["d"];
        var middle = new FakeProvider(Guid.NewGuid(), "middle", _bench.Host, 0);
        _bench.Placement.Put(middle);
        if (what == "provider gone")
            _bench.Placement.Remove(ours.Uuid);
        else
        {
            _bench.Placement.Put(what switch
            {
                "total" => ours with { Inventories = ours.Inventories.SetItem("FPGA", new FakeInventory(9, 0, 9)) },
                "reserved" => ours with { Inventories = ours.Inventories.SetItem("FPGA", new FakeInventory(2, 2, 2)) },
                "trait gone" => ours with { Traits = ours.Traits.Remove("CUSTOM_A") },
                "parent" => ours with { Parent = middle.Uuid },
                "name" => ours with { Name = "renamed" },
                _ => ours with { Inventories = ours.Inventories.Remove("FPGA") },
            });
        }
        Assert.True(await _bench.DriftedAsync());
        await _bench.SyncAsync();
        Assert.Equal((ours with { Generation = 0 }).ToString(), (_bench["d"] with { Generation = 0 }).ToString());
        Assert.Equal(_bench.Host, _bench["d"].Parent);
        Assert.False(await _bench.DriftedAsync());
    }

    [Fact]
    public async Task What_others_wrote_on_our_provider_stays()
    {
        _bench.Want(Bench.Deployable("d"));
        await _bench.SyncAsync();
        var ours = _bench["d"];
        var foreign = new FakeInventory(7, 3, 5) { MinUnit = 2, StepSize = 2, AllocationRatio = 16.5 };
        _bench.Placement.Put(ours with { Traits = ours.Traits.Add("CUSTOM_SITE_RACK7"), Inventories = ours.Inventories.Add("CUSTOM_SITE", foreign) });
        _bench.Change("d", one => one with { NumAccelerators = 5, Attributes = [new DriverAttribute("rc", "FPGA"), new DriverAttribute("trait0", "CUSTOM_B")] });
        await _bench.SyncAsync();
        Assert.Equal(["CUSTOM_B", "CUSTOM_SITE_RACK7", "OWNER_CYBORG"], _bench["d"].Traits);
        Assert.Equal(foreign, _bench["d"].Inventories["CUSTOM_SITE"]);
        Assert.Equal((5, 0), _bench.Amounts("d"));
    }

    [Fact]
    public async Task Providers_of_others_stay_and_the_hosts_own_too()
    {
        var foreign = new FakeProvider(Guid.NewGuid(), "nova_pci", _bench.Host, 4) { Traits = ["OWNER_NOVA"] };
        _bench.Placement.Put(foreign);
        var host = _bench[Bench.HostName];
        _bench.Want(Bench.Deployable("d"));
        await _bench.SyncAsync();
        _bench.Wanted.Clear();
        await _bench.SyncAsync();
        Assert.Equal(foreign.ToString(), _bench["nova_pci"].ToString());
        Assert.Equal(host, _bench[Bench.HostName]);
        Assert.Null(_bench.Placement.Named("d"));
    }

    [Fact]
    public async Task A_new_function_replaces_the_old_ones_trait_even_if_nobody_remembers_it()
    {
        _bench.Want(Bench.Deployable("d") with { FunctionTrait = "CUSTOM_FPGA_FUNCTION_ID_INTEL_1" });
        await _bench.SyncAsync();
        _bench.Restart();
        _bench.Ledger = ProviderLedger.Empty;
        _bench.Change("d", one => one with { FunctionTrait = "CUSTOM_FPGA_FUNCTION_ID_INTEL_2" });
        await _bench.SyncAsync();
        Assert.Equal(["CUSTOM_A", "CUSTOM_FPGA_FUNCTION_ID_INTEL_2", "OWNER_CYBORG"], _bench["d"].Traits);
    }

    [Fact]
    public async Task A_new_class_takes_the_place_of_the_old_one()
    {
        _bench.Want(Bench.Deployable("d"));
        await _bench.SyncAsync();
        _bench.Change("d", one => one with { Attributes = [new DriverAttribute("rc", "PGPU")] });
        await _bench.SyncAsync();
        Assert.Equal(["PGPU"], _bench["d"].Inventories.Keys);
    }

    [Fact]
    public async Task A_class_that_is_allocated_stays_reserved_and_the_new_one_waits()
    {
        _bench.Want(Bench.Deployable("d"));
        await _bench.SyncAsync();
        var consumer = Guid.NewGuid();
        Assert.True(_bench.Placement.Allocate(consumer, _bench["d"].Uuid, "FPGA", 1));
        _bench.Change("d", one => one with { Attributes = [new DriverAttribute("rc", "PGPU")] });
        for (var i = 0; i < 2; i++)
        {
            Assert.Single((await _bench.SyncAsync()).Held);
            Assert.Equal(["FPGA"], _bench["d"].Inventories.Keys);
            Assert.Equal((2, 2), _bench.Amounts("d"));
        }
        _bench.Placement.Free(consumer);
        Assert.Empty((await _bench.SyncAsync()).Held);
        Assert.Equal(["PGPU"], _bench["d"].Inventories.Keys);
    }

    [Fact]
    public async Task A_missing_deployable_is_deleted_and_reported_gone()
    {
        var deployable = _bench.Want(Bench.Deployable("d") with { Missing = true });
        Assert.Equal([deployable.Deployable], (await _bench.SyncAsync()).Gone);
        _bench.Change("d", one => one with { Missing = false });
        await _bench.SyncAsync();
        _bench.Change("d", one => one with { Missing = true });
        Assert.Equal([deployable.Deployable], (await _bench.SyncAsync()).Gone);
        Assert.Null(_bench.Placement.Named("d"));
        Assert.Empty(_bench.Ledger.Entries);
    }

    [Fact]
    public async Task A_missing_deployable_that_is_allocated_is_reserved_and_stays_until_that_has_ended()
    {
        var deployable = _bench.Want(Bench.Deployable("d"));
        _bench.Want(Bench.Deployable("e"));
        await _bench.SyncAsync();
        var consumer = Guid.NewGuid();
        Assert.True(_bench.Placement.Allocate(consumer, deployable.Provider, "FPGA", 1));
        _bench.Change("d", one => one with { Missing = true });
        _bench.Change("e", one => one with { NumAccelerators = 7 });
        var result = await _bench.SyncAsync();
        Assert.Empty(result.Gone);
        Assert.Single(result.Held);
        Assert.Equal((2, 2), _bench.Amounts("d"));
        Assert.Equal((7, 0), _bench.Amounts("e"));
        _bench.Placement.ClearJournal();
        await _bench.SyncAsync();
        Assert.StartsWith("DELETE", Assert.Single(_bench.Placement.Writes), StringComparison.Ordinal);
        _bench.Placement.Free(consumer);
        Assert.Equal([deployable.Deployable], (await _bench.SyncAsync()).Gone);
    }

    [Fact]
    public async Task A_device_that_returns_before_is_filled_again()
    {
        var deployable = _bench.Want(Bench.Deployable("d"));
        await _bench.SyncAsync();
        _bench.Placement.Allocate(Guid.NewGuid(), deployable.Provider, "FPGA", 1);
        _bench.Change("d", one => one with { Missing = true });
        await _bench.SyncAsync();
        _bench.Change("d", one => one with { Missing = false });
        Assert.Empty((await _bench.SyncAsync()).Held);
        Assert.Equal((2, 0), _bench.Amounts("d"));
    }

    [Fact]
    public async Task Children_go_before_their_parents_and_foreign_ones_hold_them()
    {
        var parent = _bench.Want(Bench.Deployable("parent"));
        var child = _bench.Want(Bench.Deployable("child"));
        await _bench.SyncAsync();
        _bench.Placement.Put(_bench["child"] with { Parent = parent.Provider });
        _bench.Placement.Put(new FakeProvider(Guid.NewGuid(), "foreign", parent.Provider, 0));
        _bench.Wanted = [.. _bench.Wanted.Select(one => one with { Missing = true })];
        var result = await _bench.SyncAsync();
        Assert.Equal([child.Deployable], result.Gone);
        Assert.Contains("child", Assert.Single(result.Held), StringComparison.Ordinal);
        _bench.Placement.Remove(_bench["foreign"].Uuid);
        Assert.Contains(parent.Deployable, (await _bench.SyncAsync()).Gone);
    }

    [Fact]
    public async Task What_is_no_longer_in_the_database_at_all_goes_as_well()
    {
        _bench.Want(Bench.Deployable("d"));
        await _bench.SyncAsync();
        _bench.Restart();
        _bench.Wanted.Clear();
        Assert.Empty((await _bench.SyncAsync()).Gone);
        Assert.Null(_bench.Placement.Named("d"));
        Assert.Empty(_bench.Ledger.Entries);
    }

    [Fact]
    public async Task A_provider_of_our_name_under_our_host_is_adopted()
    {
        var there = new FakeProvider(Guid.NewGuid(), "d", _bench.Host, 5) { Inventories = One("FPGA", new FakeInventory(1, 0, 1)) };
        _bench.Placement.Put(there);
        var deployable = _bench.Want(Bench.Deployable("d"));
        var result = await _bench.SyncAsync();
        Assert.Equal([new Adoption(deployable.Deployable, there.Uuid)], result.Adopted);
        Assert.Equal((2, 0), _bench.Amounts("d"));
        Assert.DoesNotContain(_bench.Placement.Journal, line => line.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_name_that_appears_under_our_host_in_the_moment_of_its_creation_is_adopted()
    {
        var there = new FakeProvider(Guid.NewGuid(), "d", _bench.Host, 0);
        _bench.Before = (method, _) =>
        {
            if (method == "POST")
                _bench.Placement.Put(there);
            return null;
        };
        var deployable = _bench.Want(Bench.Deployable("d"));
        Assert.Equal([new Adoption(deployable.Deployable, there.Uuid)], (await _bench.SyncAsync()).Adopted);
        Assert.Contains(_bench.Placement.Journal, line => line == "POST /resource_providers -> 409");
        Assert.Equal((2, 0), _bench.Amounts("d"));
    }

    [Fact]
    public async Task A_name_that_another_host_has_is_not_shown_and_the_others_go_on()
    {
        var elsewhere = _bench.Placement.AddHost("other");
        _bench.Placement.Put(new FakeProvider(Guid.NewGuid(), "d", elsewhere, 0));
        _bench.Want(Bench.Deployable("d"));
        _bench.Want(Bench.Deployable("e"));
        var result = await _bench.SyncAsync();
        Assert.Contains("another host", Assert.Single(result.Held), StringComparison.Ordinal);
        Assert.Equal((2, 0), _bench.Amounts("e"));
        Assert.Equal(elsewhere, _bench["d"].Parent);
        Assert.Empty(_bench["d"].Inventories);
    }

    [Fact]
    public async Task Our_uuid_under_another_host_is_left_there_unless_we_have_written_it()
    {
        var elsewhere = _bench.Placement.AddHost("other");
        var deployable = _bench.Want(Bench.Deployable("d"));
        _bench.Placement.Put(new FakeProvider(deployable.Provider, "d", elsewhere, 0));
        Assert.Single((await _bench.SyncAsync()).Held);
        Assert.Equal(elsewhere, _bench["d"].Parent);
        _bench.Ledger = ProviderLedger.Of([new LedgerEntry(deployable.Provider, ["FPGA"], [])]);
        Assert.Empty((await _bench.SyncAsync()).Held);
        Assert.Equal(_bench.Host, _bench["d"].Parent);
        Assert.Equal((2, 0), _bench.Amounts("d"));
    }

    [Fact]
    public async Task Our_uuid_without_a_parent_is_taken_under_our_host()
    {
        var deployable = _bench.Want(Bench.Deployable("d"));
        _bench.Placement.Put(new FakeProvider(deployable.Provider, "d", null, 0));
        await _bench.SyncAsync();
        Assert.Equal(_bench.Host, _bench["d"].Parent);
        Assert.Equal((2, 0), _bench.Amounts("d"));
    }

    [Fact]
    public async Task Without_the_hosts_own_provider_nothing_can_be_shown_and_it_is_looked_for_again()
    {
        _bench.Placement.Remove(_bench.Host);
        _bench.Want(Bench.Deployable("d"));
        var fault = await Assert.ThrowsAsync<PlacementException>(() => _bench.SyncAsync());
        Assert.Equal(PlacementFailure.NoHost, fault.Failure);
        Assert.Contains(Bench.HostName, fault.Message, StringComparison.Ordinal);
        var host = _bench.Placement.AddHost(Bench.HostName);
        await _bench.SyncAsync();
        Assert.Equal(host, _bench["d"].Parent);
    }

    [Fact]
    public async Task The_hosts_own_provider_made_anew_is_found()
    {
        _bench.Want(Bench.Deployable("d"));
        await _bench.SyncAsync();
        _bench.Placement.Remove(_bench["d"].Uuid);
        _bench.Placement.Remove(_bench.Host);
        var host = _bench.Placement.AddHost(Bench.HostName);
        Assert.True(await _bench.DriftedAsync());
        await _bench.SyncAsync();
        Assert.Equal(host, _bench["d"].Parent);
    }

    [Fact]
    public async Task A_standard_trait_that_this_placement_does_not_know_is_left_out()
    {
        _bench.Want(Bench.Deployable("d", 1, ("rc", "FPGA"), ("trait0", "HW_FROM_THE_FUTURE")));
        var result = await _bench.SyncAsync();
        Assert.Contains("HW_FROM_THE_FUTURE", Assert.Single(result.Problems), StringComparison.Ordinal);
        Assert.Equal(["OWNER_CYBORG"], _bench["d"].Traits);
        _bench.Placement.ClearJournal();
        await _bench.SyncAsync();
        Assert.Empty(_bench.Placement.Writes);
    }

    [Fact]
    public async Task A_trait_that_somebody_has_deleted_meanwhile_is_made_again()
    {
        _bench.Want(Bench.Deployable("d"));
        await _bench.SyncAsync();
        _bench.Change("d", one => one with { Attributes = [new DriverAttribute("rc", "FPGA")] });
        await _bench.SyncAsync();
        _bench.Placement.ForgetTrait("CUSTOM_A");
        _bench.Change("d", one => one with { Attributes = [new DriverAttribute("rc", "FPGA"), new DriverAttribute("trait", "CUSTOM_A")] });
        Assert.Empty((await _bench.SyncAsync()).Held);
        Assert.Contains("CUSTOM_A", _bench["d"].Traits);
    }

    [Fact]
    public async Task A_provider_that_placement_refuses_does_not_hold_up_the_others()
    {
        var bad = _bench.Want(Bench.Deployable("bad"));
        _bench.Want(Bench.Deployable("good"));
        _bench.Before = (method, path) => method == "PUT" && path.Contains($"{bad.Provider}/inventories", StringComparison.Ordinal)
            ? FakeReply.Error(400, "I do not like it.\nNo.")
            : null;
        var result = await _bench.SyncAsync();
        Assert.Contains("bad: Placement does not take it: it answers 400: I do not like it. No.", Assert.Single(result.Held), StringComparison.Ordinal);
        Assert.Equal((2, 0), _bench.Amounts("good"));
        _bench.Before = (_, _) => null;
        Assert.Empty((await _bench.SyncAsync()).Held);
        Assert.Equal((2, 0), _bench.Amounts("bad"));
    }

    private static ImmutableSortedDictionary<string, FakeInventory> One(string name, FakeInventory inventory) =>
        ImmutableSortedDictionary<string, FakeInventory>.Empty.Add(name, inventory);
}
