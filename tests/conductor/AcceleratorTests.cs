using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Conductor.Tests;

/// <summary>Accelerators that were found.</summary>
public sealed class AcceleratorTests
{
    // Odd order of keys, odd numbers, odd blanks, escapes: all of it must come back.
    private const string Odd = """{ "num":2,  "ipsec":{"aes":{"3des":5e1,"num":1.0}},"a":-0, "é":"\u00e9\/" }""";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_device_that_is_found_is_an_accelerator_of_its_uuid(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var job = Assert.Single((await conductor.ReportAsync(TestConductor.Card("card", 3))).Install);

        var found = Assert.Single(await conductor.AcceleratorsAsync());
        Assert.Equal((job.DeviceUuid, "card", TestConductor.Host, "fake_driver"), (found.Uuid, found.Name, found.Host, found.Driver));
        Assert.Equal(new AccSpecs(false, 3, "FPGA", """{"num":3}"""), found.Specs);
        Assert.Equal(("fpga", "0xABCD", 0L, AcceleratorState.Installing), (found.AccType, found.VendorId, found.Generation, found.State));
        Assert.Equal([ProviderIdentity.Uuid("card")], found.ResourceProviders);

        await conductor.CallAsync(Verbs.ReportInstall, new ReportInstall(job.DeviceUuid, null), host: TestConductor.Host);
        Assert.Equal(AcceleratorState.Ready, (await conductor.AcceleratorAsync(job.DeviceUuid)).State);
        await conductor.CallAsync(Verbs.DisableDevice, new ById(job.DeviceUuid));
        Assert.Equal(AcceleratorState.Inactive, (await conductor.AcceleratorAsync(job.DeviceUuid)).State);
        Assert.Equal(FaultCode.AcceleratorNotFound, await conductor.FaultAsync(Verbs.ShowAccelerator, new ById(Guid.NewGuid())));
    }

    [Theory, EachDatabase]
    public async Task By_default_a_new_accelerator_is_inactive(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportWithBackendsAsync(TestConductor.Host, [AcceleratorStage.Backend()], TestConductor.Card("card", 1));
        var found = Assert.Single(await conductor.AcceleratorsAsync());
        Assert.Equal((AcceleratorState.Inactive, "rack"), (found.State, found.Backend));
    }

    [Theory, EachDatabase]
    public async Task Of_several_backends_each_device_has_its_own(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var (a, b) = (TestConductor.Card("a", 1), TestConductor.Card("b", 1));
        await conductor.ReportWithBackendsAsync(
            TestConductor.Host,
            [AcceleratorStage.Backend("one", creates: false) with { Devices = [b.ControlPath] }, AcceleratorStage.Backend("two") with { Devices = [a.ControlPath] }],
            a, b);
        Assert.Equal(["a two", "b one"], (await conductor.AcceleratorsAsync()).Select(one => $"{one.Name} {one.Backend}"));
    }

    [Theory, EachDatabase]
    public async Task A_name_that_is_taken_gets_a_suffix(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        static DriverDevice Named(string card) => TestConductor.Card(card, 1) is var device
            ? device with { Deployables = [device.Deployables[0] with { Attributes = [.. device.Deployables[0].Attributes, new("acc_name", "same")] }] }
            : throw new InvalidOperationException();
        await conductor.ReportAsync("h1", new DriverDiscovery("x", [Named("a"), Named("b")]));
        await conductor.ReportAsync("h2", new DriverDiscovery("x", [Named("c")]));
        var found = await conductor.AcceleratorsAsync();
        Assert.Equal("same", found[0].Name);
        Assert.All(found.Skip(1), one => Assert.Equal($"same-{one.Uuid:N}"[..13], one.Name));
        Assert.Equal(3, found.Select(one => one.Name).Distinct().Count());
    }

    [Theory, EachDatabase]
    public async Task A_spec_comes_back_byte_for_byte(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var uuid = Assert.Single((await conductor.ReportAsync(TestConductor.Card("card", 3))).Install).DeviceUuid;
        await conductor.CallAsync(Verbs.UpdateAccelerator, new UpdateAccelerator(uuid, new AccSpecsChange(true, 1, "CRYPTO", Odd), null));
        var changed = await conductor.AcceleratorAsync(uuid);
        Assert.Equal((new AccSpecs(true, 1, "CRYPTO", Odd), "ipsec", 1L), (changed.Specs, changed.AccType, changed.Generation));
        Assert.NotNull(changed.UpdatedAt);

        // A driver that says something else later does not undo what an operator has said.
        await conductor.ReportAsync(TestConductor.Card("card", 5));
        Assert.Equal(changed.Specs, (await conductor.AcceleratorAsync(uuid)).Specs);
    }

    [Theory, EachDatabase]
    public async Task A_spec_that_nobody_has_changed_follows_its_driver(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var uuid = Assert.Single((await conductor.ReportAsync(TestConductor.Card("card", 3))).Install).DeviceUuid;
        var card = TestConductor.Card("card", 5);
        await conductor.ReportAsync(card with { Vendor = "0x8086", StdBoardInfo = """{"product_id": "37c8"}""" });
        var changed = await conductor.AcceleratorAsync(uuid);
        Assert.Equal((new AccSpecs(false, 5, "FPGA", """{"num":5}"""), 0L, "0x8086", "37c8"), (changed.Specs, changed.Generation, changed.VendorId, changed.ProductId));
        await conductor.ReportAsync(card with
        {
            Deployables = [card.Deployables[0] with { Attributes = [.. card.Deployables[0].Attributes, new("acc_remote", "1"), new("acc_device_type", "CRYPTO"), new("acc_capability", Odd)] }],
        });
        Assert.Equal(new AccSpecs(true, 5, "CRYPTO", Odd), (await conductor.AcceleratorAsync(uuid)).Specs);
    }

    [Theory, EachDatabase]
    public async Task A_writer_of_an_older_generation_conflicts(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var uuid = Assert.Single((await conductor.ReportAsync(TestConductor.Card("card", 1))).Install).DeviceUuid;
        Task<Done> WriteAsync(string type, params long[] generations) => conductor.CallAsync(
            Verbs.UpdateAccelerator, new UpdateAccelerator(uuid, new AccSpecsChange(null, null, type, null), generations.Length == 0 ? null : generations));
        await WriteAsync("A", 0);
        await WriteAsync("B", 0, 1);
        var refused = await Assert.ThrowsAsync<FaultException>(() => WriteAsync("C", 0));
        Assert.Equal(FaultCode.Conflict, refused.Code);
        Assert.Contains("generation 2", refused.Message, StringComparison.Ordinal);
        await WriteAsync("B");
        Assert.Equal(("B", 2L), (await conductor.AcceleratorAsync(uuid) is var now ? (now.Specs.DeviceType, now.Generation) : default));
        Assert.Equal(FaultCode.AcceleratorNotFound, await conductor.FaultAsync(
            Verbs.UpdateAccelerator, new UpdateAccelerator(Guid.NewGuid(), new AccSpecsChange(null, 1, null, null), null)));
        Assert.Equal(FaultCode.InvalidInput, await conductor.FaultAsync(
            Verbs.UpdateAccelerator, new UpdateAccelerator(uuid, new AccSpecsChange(null, 0, null, null), null)));
    }

    [Theory, EachDatabase]
    public async Task Of_many_writers_at_once_each_that_was_let_in_counts_one_generation(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var uuid = Assert.Single((await conductor.ReportAsync(TestConductor.Card("card", 1))).Install).DeviceUuid;
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 12).Select(async n =>
        {
            try
            {
                await conductor.CallAsync(Verbs.UpdateAccelerator, new UpdateAccelerator(uuid, new AccSpecsChange(null, null, $"T{n}", null), null));
                return true;
            }
            catch (FaultException fault) when (fault.Code == FaultCode.Conflict)
            {
                return false;
            }
        }));
        Assert.Contains(true, outcomes);
        Assert.Equal(outcomes.Count(let => let), (await conductor.AcceleratorAsync(uuid)).Generation);
    }

    [Theory, EachDatabase]
    public async Task An_accelerator_goes_with_its_device(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await using var listener = await Listener.StartAsync(conductor.Bus);
        await conductor.ReportAsync(TestConductor.Card("a", 1), TestConductor.Card("b", 1));
        await conductor.ReportAsync(TestConductor.Card("b", 1));
        Assert.Equal(["b"], (await conductor.AcceleratorsAsync()).Select(one => one.Name));
        await listener.HearAsync("created", "created", "deleted");
        Assert.Equal(["created", "created", "deleted"], listener.Words);
    }

    [Theory, EachDatabase]
    public async Task A_device_that_is_missing_is_in_error_and_one_without_a_free_handle_is_attached(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var uuid = Assert.Single((await conductor.ReportAsync(TestConductor.Card("card", 2))).Install).DeviceUuid;
        await conductor.CallAsync(Verbs.ReportInstall, new ReportInstall(uuid, null), host: TestConductor.Host);
        var arqs = await conductor.CreateAsync(2);
        await conductor.BindAsync(arqs.Take(1), "card");
        Assert.Equal(AcceleratorState.Ready, (await conductor.AcceleratorAsync(uuid)).State);
        await conductor.BindAsync(arqs.Skip(1), "card");
        Assert.Equal(AcceleratorState.Attached, (await conductor.AcceleratorAsync(uuid)).State);
        Assert.Equal(uuid, Assert.Single(await conductor.AcceleratorsAsync(new ListAccelerators { State = "attached" })).Uuid);
        Assert.Empty(await conductor.AcceleratorsAsync(new ListAccelerators { State = "ready" }));
        await conductor.ReportAsync();
        Assert.Equal((AcceleratorState.Error, "The device is missing on its host."), await conductor.AcceleratorAsync(uuid) is var now ? (now.State, now.StateReason) : default);
    }

    [Theory, EachDatabase]
    public async Task Accelerators_are_filtered_and_paged(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportAsync("h1", new DriverDiscovery("x", [.. Enumerable.Range(0, 5).Select(n => TestConductor.Card($"a{n}", 1))]));
        await conductor.ReportAsync("h2", new DriverDiscovery("y", [.. Enumerable.Range(0, 3).Select(n => TestConductor.Card($"b{n}", 1) with { Type = DeviceType.GPU, Vendor = "v" })]));
        var all = await conductor.AcceleratorsAsync();
        async Task<string> NamesAsync(ListAccelerators filter) => string.Join(' ', (await conductor.AcceleratorsAsync(filter)).Select(one => one.Name));
        Assert.Equal("a3", await NamesAsync(new() { Name = "a3" }));
        Assert.Equal("b0 b1 b2", await NamesAsync(new() { Host = "h2", Driver = "y", DeviceType = "GPU", AccType = "gpu", VendorId = "v", Remote = false, State = "installing" }));
        Assert.Equal("", await NamesAsync(new() { Host = "h1", DeviceType = "GPU" }));
        Assert.Equal("", await NamesAsync(new() { Remote = true }));
        Assert.Equal("a1", await NamesAsync(new() { ResourceProvider = ProviderIdentity.Uuid("a1") }));

        var (pages, marker) = (new List<string>(), (Guid?)null);
        AcceleratorList page;
        do
        {
            page = await conductor.CallAsync(Verbs.ListAccelerators, new ListAccelerators { Limit = 3, Marker = marker, State = pages.Count > 1 ? "installing" : null });
            pages.Add(string.Join(' ', page.Accelerators.Select(one => one.Name)));
            marker = page.Accelerators[^1].Uuid;
        }
        while (page.More);
        Assert.Equal(["a0 a1 a2", "a3 a4 b0", "b1 b2"], pages);
        Assert.Equal(8, all.Count);
        Assert.Equal(FaultCode.InvalidInput, await conductor.FaultAsync(Verbs.ListAccelerators, new ListAccelerators { Marker = Guid.NewGuid() }));
    }

    [Theory, EachDatabase]
    public async Task A_list_costs_four_statements_whatever_its_length(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind, quiet: true);
        foreach (var length in new[] { 1, 30 })
        {
            await conductor.ReportAsync([.. Enumerable.Range(0, length).Select(n => TestConductor.Card($"card-{n}", 4))]);
            await conductor.AcceleratorsAsync();
            using var count = StatementCount.Start(conductor.Database);
            Assert.Equal(length, (await conductor.AcceleratorsAsync()).Count);
            Assert.True(count.Statements == 4, string.Join('\n', count.Texts));
        }
    }

    [Theory, EachDatabase]
    public async Task A_report_of_many_new_devices_costs_as_many_statements_as_one_of_a_few(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind, quiet: true);
        async Task<int> CountAsync(string host, int devices)
        {
            using var count = StatementCount.Start(conductor.Database);
            await conductor.ReportAsync(host, new DriverDiscovery("x", [.. Enumerable.Range(0, devices).Select(n => TestConductor.Card($"{host}-{n}", 2))]));
            return count.Statements;
        }
        await CountAsync("h0", 2);
        Assert.Equal(await CountAsync("h1", 2), await CountAsync("h2", 40));
        Assert.Equal(44, await conductor.Database.ReadAsync(session => session.Accelerators.CountAsync(Stop), Stop));
    }
}
