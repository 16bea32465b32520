using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.TestServers;
using LinqToDB;

namespace Cyborg.Conductor.Tests;

/// <summary>What an agent is told that Placement is to show, when its number rises, and what becomes of what is missing.</summary>
public sealed class ProviderTests
{
    private static readonly AgentIdentity Stranger = new(Guid.NewGuid(), Guid.NewGuid(), 1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task An_agent_gets_everything_that_its_providers_depend_on(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var reply = await conductor.ReportManagedAsync(TestConductor.Card("a", 3), TestConductor.Card("b", 1));
        await conductor.ReportAsync("another", new DriverDiscovery("x", [TestConductor.Card("c", 1)]));

        var wants = await GetAsync(conductor);

        Assert.Equal((1L, 1L, 0L, false), (reply.Providers, wants.Version, wants.Epoch, wants.Fenced));
        Assert.Equal(["a", "b"], wants.Providers.Select(provider => provider.Name));
        var first = wants.Providers[0];
        Assert.Equal((ProviderIdentity.Uuid("a"), DeviceState.Installing, false, 3, 0, null),
            (first.ProviderUuid, first.State, first.Missing, first.NumAccelerators, first.Withheld, first.FunctionTrait));
        Assert.Equal([new("rc", "FPGA"), new("trait0", "CUSTOM_TEST")], first.Attributes);
    }

    [Theory, EachDatabase]
    public async Task Whoever_does_not_hold_the_host_gets_nothing_and_changes_nothing(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        // An empty answer would have an agent remove what it once wrote.
        Assert.Equal(FaultCode.Unavailable, await conductor.FaultAsync(Verbs.GetProviders, new GetProviders(Stranger), host: TestConductor.Host));
        await conductor.ReportManagedAsync(TestConductor.Card("a", 1));
        Assert.Equal(FaultCode.Conflict, await conductor.FaultAsync(Verbs.GetProviders, new GetProviders(Stranger), host: TestConductor.Host));
        Assert.Equal(FaultCode.Conflict, await conductor.FaultAsync(Verbs.ReportProviders, new ReportProviders(Stranger, [], []), host: TestConductor.Host));
    }

    [Theory, EachDatabase]
    public async Task The_number_rises_with_each_change_and_with_nothing_else(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var job = Assert.Single((await conductor.ReportManagedAsync(TestConductor.Card("card", 1))).Install);
        Assert.Equal(1, await VersionAsync());
        await conductor.ReportManagedAsync(TestConductor.Card("card", 1));
        var arq = await conductor.CreateAsync();
        await conductor.BindAsync(arq, "card");
        await conductor.CallAsync(Verbs.UnbindArqs, new UnbindArqs(TestConductor.Scope("p1"), arq));
        Assert.Equal(1, await VersionAsync());

        await conductor.CallAsync(Verbs.ReportInstall, new ReportInstall(job.DeviceUuid, null), host: TestConductor.Host);
        Assert.Equal(2, await VersionAsync());
        await conductor.CallAsync(Verbs.ReportInstall, new ReportInstall(job.DeviceUuid, null), host: TestConductor.Host);
        await conductor.CallAsync(Verbs.DisableDevice, new ById(job.DeviceUuid));
        Assert.Equal(3, await VersionAsync());
        await conductor.CallAsync(Verbs.DisableDevice, new ById(job.DeviceUuid));
        await conductor.CallAsync(Verbs.EnableDevice, new ById(job.DeviceUuid));
        Assert.Equal(4, await VersionAsync());

        var deployable = Assert.Single((await GetAsync(conductor)).Providers).DeployableUuid;
        var mine = await conductor.CallAsync(Verbs.CreateAttribute, new CreateAttribute(null, deployable, "trait7", "CUSTOM_MINE"));
        Assert.Equal(5, await VersionAsync());
        Assert.Contains(new DriverAttribute("trait7", "CUSTOM_MINE"), Assert.Single((await GetAsync(conductor)).Providers).Attributes);
        await conductor.CallAsync(Verbs.DeleteAttribute, new ById(mine.Uuid));
        Assert.Equal(6, await VersionAsync());

        // The reply to a report counts the report itself.
        Assert.Equal(7, (await conductor.ReportManagedAsync(TestConductor.Card("card", 2))).Providers);
        Assert.Equal(7, (await BeatAsync(conductor)).Providers);

        async Task<long> VersionAsync() => (await GetAsync(conductor)).Version;
    }

    [Theory, EachDatabase]
    public async Task Handles_that_are_free_for_nobody_are_withheld(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind, quiet: true);
        await conductor.ReportManagedAsync(TestConductor.Card("card", 4));
        await conductor.BindAsync(await conductor.CreateAsync(2), "card");
        await conductor.Database.TransactAsync(
            session => session.AttachHandles.Where(row => row.State == AttachHandleState.Held && row.Id == session.AttachHandles.Min(handle => handle.Id))
                .Set(row => row.State, AttachHandleState.Error).UpdateAsync(Stop), Stop);
        Assert.Equal(1, Assert.Single((await GetAsync(conductor)).Providers).Withheld);
    }

    [Theory, EachDatabase]
    public async Task A_vanished_device_is_missing_until_placement_has_let_it_go(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportManagedAsync(TestConductor.Card("card", 2), TestConductor.Card("other", 1));
        var card = (await GetAsync(conductor)).Providers[0].DeployableUuid;

        Assert.Equal(2, (await conductor.ReportManagedAsync(TestConductor.Card("other", 1))).Providers);
        Assert.Equal([true, false], (await GetAsync(conductor)).Providers.Select(provider => provider.Missing));
        Assert.Equal([true, false], (await DevicesAsync(conductor)).Select(device => device.Missing));
        Assert.Equal(FaultCode.DeviceUnusable, await conductor.FaultAsync(Verbs.BindArqs, TestConductor.Binding(await conductor.CreateAsync(), "card")));
        // Nothing is left to be done, so that nobody is asked to report again and again.
        Assert.Equal(2, (await conductor.ReportManagedAsync(TestConductor.Card("other", 1))).Providers);
        Assert.False((await BeatAsync(conductor, TestConductor.Card("other", 1))).ReportWanted);

        // Only what is missing goes, whatever an agent says.
        var other = (await GetAsync(conductor)).Providers[1].DeployableUuid;
        await conductor.CallAsync(Verbs.ReportProviders, new ReportProviders(TestConductor.Agent, [card, other, Guid.NewGuid()], []), host: TestConductor.Host);
        Assert.Equal(["other"], (await GetAsync(conductor)).Providers.Select(provider => provider.Name));
        Assert.Single(await DevicesAsync(conductor));
        Assert.Equal(3, (await GetAsync(conductor)).Version);
        await conductor.CallAsync(Verbs.ReportProviders, new ReportProviders(TestConductor.Agent, [card], []), host: TestConductor.Host);
        Assert.Equal(3, (await GetAsync(conductor)).Version);
    }

    [Theory, EachDatabase]
    public async Task A_device_that_is_back_before_is_the_same_device(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportManagedAsync(TestConductor.Card("card", 2));
        var before = Assert.Single((await GetAsync(conductor)).Providers);
        await conductor.ReportManagedAsync();
        Assert.Equal(3, (await conductor.ReportManagedAsync(TestConductor.Card("card", 2))).Providers);

        var after = Assert.Single((await GetAsync(conductor)).Providers);
        Assert.Equal((before.DeployableUuid, false), (after.DeployableUuid, after.Missing));
        Assert.False(Assert.Single(await DevicesAsync(conductor)).Missing);
        await conductor.BindAsync(await conductor.CreateAsync(2), "card");
        // It is there: a late word that its provider is gone takes nothing away.
        await conductor.CallAsync(Verbs.ReportProviders, new ReportProviders(TestConductor.Agent, [after.DeployableUuid], []), host: TestConductor.Host);
        Assert.Single((await GetAsync(conductor)).Providers);
    }

    [Theory, EachDatabase]
    public async Task A_deployable_may_be_missing_though_its_device_is_there(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var (one, two) = (TestConductor.Card("one", 1), TestConductor.Card("two", 1));
        var both = one with { Deployables = [one.Deployables[0], two.Deployables[0]] };
        await conductor.ReportManagedAsync(both);
        await conductor.ReportManagedAsync(one);

        Assert.False(Assert.Single(await DevicesAsync(conductor)).Missing);
        Assert.Equal([false, true], (await GetAsync(conductor)).Providers.Select(provider => provider.Missing));
        Assert.Equal(FaultCode.DeviceUnusable, await conductor.FaultAsync(Verbs.BindArqs, TestConductor.Binding(await conductor.CreateAsync(), "two")));
        await conductor.ReportManagedAsync(both);
        Assert.All((await GetAsync(conductor)).Providers, provider => Assert.False(provider.Missing));
        await conductor.BindAsync(await conductor.CreateAsync(), "two");

        var fresh = await conductor.CreateAsync();
        await conductor.BindAsync(fresh, "one");
        await conductor.ReportManagedAsync(both with { Deployables = [two.Deployables[0]] });
        await conductor.ReportManagedAsync(both);
        Assert.NotNull((await conductor.ShowAsync(fresh[0])).AttachHandleInfo);
    }

    [Theory, EachDatabase]
    public async Task What_an_arq_holds_stays_until_it_is_given_back(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportManagedAsync(TestConductor.Card("card", 2));
        var arqs = await conductor.CreateAsync();
        await conductor.BindAsync(arqs, "card");
        await conductor.ReportManagedAsync();
        var card = Assert.Single((await GetAsync(conductor)).Providers).DeployableUuid;

        await GoneAsync();
        Assert.Single((await GetAsync(conductor)).Providers);
        Assert.NotNull((await conductor.ShowAsync(arqs[0])).AttachHandleInfo);

        await conductor.CallAsync(Verbs.UnbindArqs, new UnbindArqs(TestConductor.Scope("p1"), arqs));
        // The agent is asked to report, which removes the handle and has it look at Placement again.
        Assert.True((await BeatAsync(conductor)).ReportWanted);
        var before = (await GetAsync(conductor)).Version;
        Assert.True((await conductor.ReportManagedAsync()).Providers > before);
        await GoneAsync();
        Assert.Empty((await GetAsync(conductor)).Providers);
        Assert.Empty(await DevicesAsync(conductor));

        Task GoneAsync() => conductor.CallAsync(Verbs.ReportProviders, new ReportProviders(TestConductor.Agent, [card], []), host: TestConductor.Host);
    }

    [Theory, EachDatabase]
    public async Task An_agent_that_no_longer_writes_to_placement_lets_what_is_missing_go(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportManagedAsync(TestConductor.Card("card", 2));
        await conductor.ReportManagedAsync();
        Assert.Single(await DevicesAsync(conductor));
        await conductor.ReportAsync();
        Assert.Empty(await DevicesAsync(conductor));
    }

    [Theory, EachDatabase]
    public async Task An_adopted_provider_is_the_one_that_binds(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportManagedAsync(TestConductor.Card("card", 2), TestConductor.Card("other", 1));
        var wants = await GetAsync(conductor);
        var there = Guid.NewGuid();
        var report = new ReportProviders(
            TestConductor.Agent, [], [new(wants.Providers[0].DeployableUuid, there), new(wants.Providers[1].DeployableUuid, there)]);
        await conductor.CallAsync(Verbs.ReportProviders, report, host: TestConductor.Host);

        var after = await GetAsync(conductor);
        // The second can not have what the first has: which is first is decided by the uuids.
        Assert.Single(after.Providers, provider => provider.ProviderUuid == there);
        Assert.Equal(2, after.Version);
        var arq = (await conductor.CreateAsync())[0];
        await conductor.CallAsync(
            Verbs.BindArqs, new BindArqs(TestConductor.Scope("p1"), [new ArqBinding(arq, "nova-host", there, Guid.NewGuid(), null)]));
        Assert.Equal(there, (await conductor.ShowAsync(arq)).DeviceRpUuid);
    }

    [Theory, EachDatabase]
    public async Task The_end_of_a_fence_is_a_change(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind, quiet: true);
        await conductor.ReportManagedAsync(TestConductor.Card("card", 1));
        await conductor.Database.TransactAsync(
            session => session.Hosts.Set(row => row.Fenced, true).Set(row => row.Epoch, 1).UpdateAsync(Stop), Stop);
        var wants = await GetAsync(conductor);
        Assert.Equal((true, 1L, 1L), (wants.Fenced, wants.Epoch, wants.Version));

        // A report for an earlier epoch ends nothing.
        Assert.Equal(1, (await conductor.ReportManagedAsync(TestConductor.Card("card", 1))).Providers);
        var report = TestConductor.Inventory(new DriverDiscovery("fake_driver", [TestConductor.Card("card", 1)])) with { ManagesProviders = true, Epoch = 1 };
        Assert.Equal(2, (await conductor.CallAsync(Verbs.ReportInventory, report, host: TestConductor.Host)).Providers);
        wants = await GetAsync(conductor);
        Assert.Equal((false, 2L), (wants.Fenced, wants.Version));
    }

    private static Task<HostProviders> GetAsync(TestConductor conductor) =>
        conductor.CallAsync(Verbs.GetProviders, new GetProviders(TestConductor.Agent), host: TestConductor.Host);

    private static Task<HeartbeatReply> BeatAsync(TestConductor conductor, params DriverDevice[] devices) => conductor.CallAsync(
        Verbs.Heartbeat, new Heartbeat(TestConductor.Agent, InventoryChecksum.Of([new DriverDiscovery("fake_driver", devices)]), 0), host: TestConductor.Host);

    private static async Task<IReadOnlyList<Device>> DevicesAsync(TestConductor conductor) =>
        (await conductor.CallAsync(Verbs.ListDevices, new ListDevices(null, null, null, null))).Devices;
}
