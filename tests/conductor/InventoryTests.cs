using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.TestServers;

namespace Cyborg.Conductor.Tests;

public sealed class InventoryTests
{
    [Theory, EachDatabase]
    public async Task A_first_report_is_stored_and_asks_for_an_install(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);

        var reply = await conductor.ReportAsync(TestConductor.Card("card", 3));

        var device = Assert.Single(await DevicesAsync(conductor));
        Assert.Equal((TestConductor.Host, DeviceState.Installing, DeviceType.FPGA), (device.Hostname, device.State, device.Type));
        Assert.Equal(new InstallDevice(device.Uuid, "fake_driver", TestConductor.Card("card", 3).ControlPath), Assert.Single(reply.Install));
        var deployable = Assert.Single(await DeployablesAsync(conductor));
        Assert.Equal(("card", device.Id, ProviderIdentity.Uuid("card")), (deployable.Name, deployable.DeviceId, deployable.RpUuid));
        Assert.Equal(["rc=FPGA", "trait0=CUSTOM_TEST"], deployable.Attributes.Select(attribute => $"{attribute.Key}={attribute.Value}"));
    }

    [Theory, EachDatabase]
    public async Task A_report_that_repeats_itself_writes_no_inventory(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind, quiet: true);
        await conductor.ReportAsync(TestConductor.Card("card", 3));
        using var count = StatementCount.Start(conductor.Database);
        await conductor.ReportAsync(TestConductor.Card("card", 3));
        Assert.DoesNotContain(count.Texts, text => Writes(text) && !text.Contains("hosts", StringComparison.Ordinal) && !text.Contains("rpc_replies", StringComparison.Ordinal));
    }

    [Theory, EachDatabase]
    public async Task A_vanished_device_that_nothing_holds_is_gone(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportAsync(TestConductor.Card("a", 1), TestConductor.Card("b", 1));
        await conductor.ReportAsync(TestConductor.Card("b", 1));
        Assert.Equal(["b"], (await DeployablesAsync(conductor)).Select(deployable => deployable.Name));
        Assert.Single(await DevicesAsync(conductor));
    }

    [Theory, EachDatabase]
    public async Task A_vanished_device_that_is_held_is_missing_until_it_is_given_back(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportAsync(TestConductor.Card("card", 2));
        var arqs = await conductor.CreateAsync(2);
        await conductor.BindAsync([arqs[0]], "card");

        await conductor.ReportAsync();
        Assert.True(Assert.Single(await DevicesAsync(conductor)).Missing);
        Assert.NotNull((await conductor.ShowAsync(arqs[0])).AttachHandleInfo);
        Assert.Equal(FaultCode.DeviceUnusable, await conductor.FaultAsync(Verbs.BindArqs, TestConductor.Binding([arqs[1]], "card")));

        await conductor.CallAsync(Verbs.UnbindArqs, new UnbindArqs(TestConductor.Scope("p1"), [arqs[0]]));
        Assert.Equal(FaultCode.DeviceUnusable, await conductor.FaultAsync(Verbs.BindArqs, TestConductor.Binding([arqs[1]], "card")));
        await conductor.ReportAsync();
        Assert.Empty(await DevicesAsync(conductor));
        Assert.Empty(await DeployablesAsync(conductor));
    }

    [Theory, EachDatabase]
    public async Task A_missing_device_that_is_back_serves_again(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportAsync(TestConductor.Card("card", 2));
        var arqs = await conductor.CreateAsync(2);
        await conductor.BindAsync([arqs[0]], "card");
        var handle = (await conductor.ShowAsync(arqs[0])).AttachHandleUuid;
        await conductor.ReportAsync();

        await conductor.ReportAsync(TestConductor.Card("card", 2));

        Assert.False(Assert.Single(await DevicesAsync(conductor)).Missing);
        Assert.Equal(handle, (await conductor.ShowAsync(arqs[0])).AttachHandleUuid);
        await conductor.BindAsync([arqs[1]], "card");
    }

    [Theory, EachDatabase]
    public async Task A_failing_driver_loses_none_of_its_devices_and_none_of_anothers(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportAsync("h", new DriverDiscovery("x", [TestConductor.Card("a", 1)]), new DriverDiscovery("y", [TestConductor.Card("b", 1)]));
        await conductor.ReportAsync("h", new DriverDiscovery("x", null), new DriverDiscovery("y", []));
        Assert.Equal(["a"], (await DeployablesAsync(conductor)).Select(deployable => deployable.Name));
    }

    [Theory, EachDatabase]
    public async Task What_an_operator_notes_survives_reports(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportAsync(TestConductor.Card("card", 1));
        var deployable = Assert.Single(await DeployablesAsync(conductor));
        var note = await conductor.CallAsync(Verbs.CreateAttribute, new CreateAttribute(null, deployable.Uuid, "rack", "7"));
        await conductor.ReportAsync(TestConductor.Card("card", 1));
        Assert.Equal(note, await conductor.CallAsync(Verbs.ShowAttribute, new ById(note.Uuid)));
        await conductor.ReportAsync();
        Assert.Equal(FaultCode.AttributeNotFound, await conductor.FaultAsync(Verbs.ShowAttribute, new ById(note.Uuid)));
    }

    [Theory, EachDatabase]
    public async Task Changed_facts_are_written_and_new_handles_added(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportAsync(TestConductor.Card("card", 1));
        var before = Assert.Single(await DevicesAsync(conductor));

        var larger = TestConductor.Card("card", 3);
        await conductor.ReportAsync(larger with { Model = "larger", Deployables = [larger.Deployables[0] with { Attributes = [new("rc", "CUSTOM_BIG"), new("trait1", "CUSTOM_NEW")] }] });

        var after = Assert.Single(await DevicesAsync(conductor));
        Assert.Equal((before.Uuid, "larger"), (after.Uuid, after.Model));
        Assert.NotNull(after.UpdatedAt);
        var deployable = Assert.Single(await DeployablesAsync(conductor));
        Assert.Equal(3, deployable.NumAccelerators);
        Assert.Equal(["rc=CUSTOM_BIG", "trait1=CUSTOM_NEW"], deployable.Attributes.Select(attribute => $"{attribute.Key}={attribute.Value}"));
        await conductor.BindAsync(await conductor.CreateAsync(3), "card");
    }

    [Theory, EachDatabase]
    public async Task A_name_of_another_host_is_refused_and_changes_nothing(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportAsync("h1", new DriverDiscovery("x", [TestConductor.Card("card", 1)]));
        var report = TestConductor.Inventory(new DriverDiscovery("x", [TestConductor.Card("card", 1), TestConductor.Card("own", 1)]));
        Assert.Equal(FaultCode.Conflict, await conductor.FaultAsync(Verbs.ReportInventory, report, host: "h2"));
        Assert.Equal(["h1"], (await DevicesAsync(conductor)).Select(device => device.Hostname));
    }

    [Theory, EachDatabase]
    public async Task Reports_of_one_host_at_the_same_time_make_one_device(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => conductor.ReportAsync(TestConductor.Card("card", 2))));
        Assert.Single(await DevicesAsync(conductor));
        Assert.Single(await DeployablesAsync(conductor));
    }

    [Theory, EachDatabase]
    public async Task The_cost_of_a_report_does_not_depend_on_its_length(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind, quiet: true);
        async Task<int> CountAsync(string host, int devices)
        {
            DriverDevice[] cards = [.. Enumerable.Range(0, devices).Select(n => TestConductor.Card($"{host}-{n}", 16))];
            using var count = StatementCount.Start(conductor.Database);
            await conductor.ReportAsync(host, new DriverDiscovery("x", cards));
            var first = count.Statements;
            count.Reset();
            await conductor.ReportAsync(host, new DriverDiscovery("x", cards));
            Assert.True(count.Statements <= 10, string.Join('\n', count.Texts));
            return first;
        }
        Assert.Equal(await CountAsync("small", 1), await CountAsync("large", 40));
    }

    private static bool Writes(string sql) => sql.Contains("INSERT", StringComparison.Ordinal) || sql.Contains("UPDATE ", StringComparison.Ordinal) || sql.Contains("DELETE", StringComparison.Ordinal);

    private static async Task<IReadOnlyList<Device>> DevicesAsync(TestConductor conductor) =>
        (await conductor.CallAsync(Verbs.ListDevices, new ListDevices(null, null, null, null))).Devices;

    private static async Task<IReadOnlyList<Deployable>> DeployablesAsync(TestConductor conductor) =>
        (await conductor.CallAsync(Verbs.ListDeployables, new ListDeployables(null, null))).Deployables;
}
