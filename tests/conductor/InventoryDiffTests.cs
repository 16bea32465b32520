using Cyborg.Conductor.Inventory;
using Cyborg.Model;

namespace Cyborg.Conductor.Tests;

public sealed class InventoryDiffTests
{
    [Fact]
    public void A_new_device_is_added_with_all_that_hangs_on_it()
    {
        var device = Device("a");
        var plan = InventoryDiff.Compare([], [new("d", [device])]);
        Assert.Equal([("d", device)], plan.AddDevices);
        Assert.Empty(plan.AddDeployables);
    }

    [Fact]
    public void An_unchanged_report_has_an_empty_plan() =>
        Assert.True(InventoryDiff.Compare([Known(1, "d", "a")], [new("d", [Device("a")])]).IsEmpty);

    [Fact]
    public void A_driver_that_failed_adds_and_removes_nothing() =>
        Assert.True(InventoryDiff.Compare([Known(1, "d", "a")], [new("d", null)]).IsEmpty);

    [Fact]
    public void A_driver_that_found_nothing_removes_its_own_devices_only() =>
        Assert.Equal([1], InventoryDiff.Compare([Known(1, "d", "a"), Known(2, "e", "b")], [new("d", []), new("e", [Device("b")])]).VanishedDevices);

    [Fact]
    public void A_driver_that_is_not_enabled_any_more_removes_its_devices() =>
        Assert.Equal([2], InventoryDiff.Compare([Known(1, "d", "a"), Known(2, "e", "b")], [new("d", [Device("a")])]).VanishedDevices);

    [Fact]
    public void A_vanished_device_takes_its_deployables_and_handles_along()
    {
        var plan = InventoryDiff.Compare([Known(1, "d", "a")], [new("d", [])]);
        Assert.Equal([1], plan.VanishedDevices);
        Assert.Equal([10], plan.VanishedDeployables);
        Assert.Equal([101, 102], plan.VanishedHandles);
    }

    [Fact]
    public void A_stub_is_neither_added_nor_removed()
    {
        var stub = Device("a") with { Stub = true };
        Assert.True(InventoryDiff.Compare([], [new("d", [stub])]).IsEmpty);
        Assert.True(InventoryDiff.Compare([Known(1, "d", "a")], [new("d", [stub])]).IsEmpty);
    }

    [Fact]
    public void Changed_facts_are_written() =>
        Assert.Equal([1], InventoryDiff.Compare([Known(1, "d", "a")], [new("d", [Device("a") with { Model = "new" }])]).UpdateDevices.Select(change => change.Id));

    [Fact]
    public void A_device_that_is_back_loses_its_flag() =>
        Assert.Equal([1], InventoryDiff.Compare([Known(1, "d", "a") with { Missing = true }], [new("d", [Device("a")])]).UpdateDevices.Select(change => change.Id));

    [Fact]
    public void Attributes_are_compared_by_key()
    {
        var changed = Deployable("a") with { Attributes = [new("rc", "PGPU"), new("trait1", "CUSTOM_NEW")] };
        var plan = InventoryDiff.Compare([Known(1, "d", "a")], [new("d", [Device("a") with { Deployables = [changed] }])]);
        Assert.Equal([(11, "PGPU")], plan.UpdateAttributes);
        Assert.Equal([(10, new DriverAttribute("trait1", "CUSTOM_NEW"))], plan.AddAttributes);
        Assert.Equal([12], plan.RemoveAttributes);
    }

    [Fact]
    public void Handles_are_compared_by_their_info()
    {
        var changed = Deployable("a") with { AttachHandles = [new(AttachHandleType.PCI, """{"n": "1"}"""), new(AttachHandleType.PCI, """{"n": "3"}""")] };
        var plan = InventoryDiff.Compare([Known(1, "d", "a")], [new("d", [Device("a") with { Deployables = [changed] }])]);
        Assert.Equal([(10, 5, new DriverAttachHandle(AttachHandleType.PCI, """{"n": "3"}"""))], plan.AddHandles);
        Assert.Equal([102], plan.VanishedHandles);
        Assert.Empty(plan.ReturnedHandles);
    }

    [Fact]
    public void Handles_that_now_need_work_on_the_host_are_changed_in_place()
    {
        var changed = Deployable("a") with { AttachHandles = [new(AttachHandleType.PCI, """{"n": "1"}""", HostWork: true), new(AttachHandleType.PCI, """{"n": "2"}""")] };
        var plan = InventoryDiff.Compare([Known(1, "d", "a")], [new("d", [Device("a") with { Deployables = [changed] }])]);
        Assert.Equal([(101, true)], plan.UpdateHandles);
        Assert.Empty(plan.AddHandles);
        Assert.False(plan.IsEmpty);
    }

    [Fact]
    public void A_deployable_is_known_by_its_name()
    {
        var plan = InventoryDiff.Compare([Known(1, "d", "a")], [new("d", [Device("a") with { Deployables = [Deployable("other")] }])]);
        Assert.Equal(["other"], plan.AddDeployables.Select(added => added.Deployable.Name));
        Assert.Equal([10], plan.VanishedDeployables);
    }

    [Fact]
    public void A_name_that_two_drivers_use_costs_the_second_its_device_and_nothing_else()
    {
        var plan = InventoryDiff.Compare([], [new("d", [Device("a")]), new("e", [Device("b") with { Deployables = [Deployable("a")] }, Device("c")])]);
        Assert.Equal(["d", "e"], plan.AddDevices.Select(added => added.Driver));
        Assert.Contains("'a'", Assert.Single(plan.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_a_failed_driver_has_is_taken()
    {
        var plan = InventoryDiff.Compare([Known(1, "d", "a")], [new("d", null), new("e", [Device("b") with { Deployables = [Deployable("a")] }])]);
        Assert.Empty(plan.AddDevices);
        Assert.Single(plan.Problems);
    }

    [Theory]
    [MemberData(nameof(BadDevices))]
    public void A_malformed_device_is_left_out_and_told(DriverDevice bad)
    {
        var plan = InventoryDiff.Compare([], [new("d", [bad, Device("good")])]);
        Assert.Equal(["good"], plan.AddDevices.Select(added => added.Device.Deployables[0].Name));
        Assert.Single(plan.Problems);
    }

    [Fact]
    public void A_known_device_that_is_reported_malformed_stays_as_it_was() =>
        Assert.True(InventoryDiff.Compare([Known(1, "d", "a")], [new("d", [Device("a") with { Vendor = "" }])]).IsEmpty);

    public static TheoryData<DriverDevice> BadDevices() =>
    [
        Device("a") with { Vendor = "" },
        Device("a") with { Model = new string('m', 256) },
        Device("a") with { Deployables = [Deployable("a") with { NumAccelerators = 0 }] },
        Device("a") with { Deployables = [Deployable("a"), Deployable("a")] },
        Device("a") with { Deployables = [Deployable(new string('n', 201))] },
        Device("a") with { Deployables = [Deployable("a") with { Attributes = [new("rc", "GPU"), new("rc", "FPGA")] }] },
        Device("a") with { Deployables = [Deployable("a") with { AttachHandles = [new(AttachHandleType.PCI, "no json")] }] },
        Device("a") with { Deployables = [Deployable("a") with { AttachHandles = [new(AttachHandleType.PCI, "[1]")] }] },
    ];

    private static DriverDevice Device(string path) => new()
    {
        Vendor = "v",
        Model = "m",
        Type = DeviceType.FPGA,
        ControlPath = new("PCI", $$"""{"path": "{{path}}"}"""),
        Deployables = [Deployable(path)],
    };

    private static DriverDeployable Deployable(string name) => new()
    {
        Name = name,
        NumAccelerators = 2,
        DriverName = "x",
        Attributes = [new("rc", "FPGA"), new("trait0", "CUSTOM_OLD")],
        AttachHandles = [new(AttachHandleType.PCI, """{"n": "1"}"""), new(AttachHandleType.PCI, """{"n": "2"}""")],
    };

    private static KnownDevice Known(int id, string driver, string path) =>
        new(id, driver, Device(path) with { Deployables = [] }, ControlPathId: 5, Missing: false,
        [
            new(id * 10, path, 2, "x",
                [new(id * 10 + 1, "rc", "FPGA"), new(id * 10 + 2, "trait0", "CUSTOM_OLD")],
                [new(id * 100 + 1, """{"n": "1"}""", HostWork: false, Missing: false), new(id * 100 + 2, """{"n": "2"}""", HostWork: false, Missing: false)]),
        ]);
}
