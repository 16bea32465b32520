using Cyborg.Model;

namespace Cyborg.Placement.Tests;

public sealed class DesiredTreeTests
{
    private static DesiredTree Of(params WantedDeployable[] deployables) => DesiredTree.Of(new HostWants(1, 1, false, deployables));

    [Fact]
    public void A_ready_deployable_is_shown_with_a_full_record_its_traits_and_the_owners()
    {
        var deployable = Bench.Deployable("d", 4, ("traits1", "CUSTOM_FAKE_DEVICE"), ("rc", "FPGA"), ("note", "x"), ("trait_op", "HW_CPU_X86_AVX"));
        var shown = Assert.Single(Of(deployable with { FunctionTrait = "CUSTOM_FPGA_FUNCTION_ID_X" }).Shown);
        Assert.Equal((deployable.Deployable, deployable.Provider, "d", "FPGA"), (shown.Deployable, shown.Uuid, shown.Name, shown.ResourceClass));
        Assert.Equal(new InventoryRecord(4, 0, 1, 4, 1, 1.0), shown.Inventory);
        Assert.Equal(["CUSTOM_FAKE_DEVICE", "CUSTOM_FPGA_FUNCTION_ID_X", "HW_CPU_X86_AVX", "OWNER_CYBORG"], shown.Traits);
    }

    [Theory]
    [InlineData(DeviceState.Ready, 0, false, 0)]
    [InlineData(DeviceState.Ready, 3, false, 3)]
    [InlineData(DeviceState.Ready, 9, false, 4)]
    [InlineData(DeviceState.Ready, -1, false, 0)]
    [InlineData(DeviceState.Ready, 0, true, 4)]
    [InlineData(DeviceState.Inactive, 0, false, 4)]
    [InlineData(DeviceState.Installing, 0, false, 4)]
    [InlineData(DeviceState.Error, 1, false, 4)]
    public void What_is_not_ready_or_fenced_is_reserved_and_so_is_what_is_withheld(DeviceState state, int withheld, bool fenced, int reserved)
    {
        var deployable = Bench.Deployable("d", 4) with { State = state, Withheld = withheld };
        var inventory = Assert.Single(DesiredTree.Of(new HostWants(1, 1, fenced, [deployable])).Shown).Inventory;
        Assert.Equal((4, reserved, 4), (inventory.Total, inventory.Reserved, inventory.MaxUnit));
    }

    [Fact]
    public void The_first_rc_counts()
    {
        var shown = Of(Bench.Deployable("d", 1, ("rc", "CUSTOM_QAT"), ("rc", "FPGA"))).Shown;
        Assert.Equal("CUSTOM_QAT", Assert.Single(shown).ResourceClass);
    }

    [Theory]
    [InlineData("rc", "MEMORY_MB")]
    [InlineData("rc", "CUSTOM_lower")]
    [InlineData("rc", "")]
    [InlineData("no_rc", "FPGA")]
    public void Without_a_resource_class_of_an_accelerator_it_is_not_shown_and_said_so(string key, string value)
    {
        var tree = Of(Bench.Deployable("d", 1, (key, value)));
        Assert.Empty(tree.Shown);
        Assert.StartsWith("d: ", Assert.Single(tree.Problems), StringComparison.Ordinal);
        Assert.False(Assert.Single(tree.Leaving).Missing);
    }

    [Fact]
    public void Without_accelerators_it_is_not_shown()
    {
        Assert.Empty(Of(Bench.Deployable("d", 0)).Shown);
    }

    [Theory]
    [InlineData("CUSTOM_FPGA-1")]
    [InlineData("custom_x")]
    [InlineData("OWNER_NOVA")]
    [InlineData("CUSTOM_")]
    [InlineData("")]
    public void A_name_that_is_no_trait_is_left_out_and_the_rest_is_shown(string trait)
    {
        var tree = Of(Bench.Deployable("d", 1, ("rc", "FPGA"), ("trait0", trait), ("trait1", "CUSTOM_B")));
        Assert.Equal(["CUSTOM_B", "OWNER_CYBORG"], Assert.Single(tree.Shown).Traits);
        Assert.Contains("trait0", Assert.Single(tree.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_function_trait_that_is_none_is_left_out()
    {
        var tree = Of(Bench.Deployable("d") with { FunctionTrait = "CUSTOM_FPGA_FUNCTION_ID_a-b" });
        Assert.DoesNotContain("CUSTOM_FPGA_FUNCTION_ID_a-b", Assert.Single(tree.Shown).Traits);
        Assert.Single(tree.Problems);
    }

    [Fact]
    public void A_missing_deployable_leaves_whatever_its_class()
    {
        var tree = Of(Bench.Deployable("a") with { Missing = true }, Bench.Deployable("b", 1, ("x", "y")) with { Missing = true });
        Assert.Empty(tree.Shown);
        Assert.Empty(tree.Problems);
        Assert.Equal(["FPGA", null], tree.Leaving.Select(provider => provider.ResourceClass));
        Assert.All(tree.Leaving, provider => Assert.True(provider.Missing));
    }

    [Fact]
    public void Of_two_with_one_name_the_one_that_is_there_is_shown()
    {
        var (old, now) = (Bench.Deployable("d") with { Missing = true }, Bench.Deployable("d"));
        var tree = Of(old, now);
        Assert.Equal(now.Deployable, Assert.Single(tree.Shown).Deployable);
        Assert.Equal([old.Deployable], tree.Superseded);
        Assert.Single(Of(now, Bench.Deployable("d")).Problems);
    }

    [Fact]
    public void Less_than_is_shown_may_always_be_written_and_more_never()
    {
        var shown = new InventoryRecord(4, 1, 1, 4, 1, 1.0);
        Assert.Equal(new InventoryRecord(4, 1, 1, 4, 1, 1.0), InventoryRecord.Of(8, 0).NoMoreThan(shown));
        Assert.Equal(new InventoryRecord(2, 1, 1, 2, 1, 1.0), InventoryRecord.Of(2, 0).NoMoreThan(shown));
        Assert.Equal(new InventoryRecord(4, 4, 1, 4, 1, 1.0), InventoryRecord.Of(8, 8).NoMoreThan(shown));
        Assert.True(InventoryRecord.Of(4, 4).IsWithin(shown));
        Assert.True(InventoryRecord.Of(4, 1).IsWithin(shown));
        Assert.False(InventoryRecord.Of(4, 0).IsWithin(shown));
        Assert.False(InventoryRecord.Of(5, 2).IsWithin(shown));
        Assert.False((shown with { AllocationRatio = 2 }).IsWithin(shown));
    }
}
