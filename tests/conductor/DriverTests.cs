using Cyborg.Conductor.Drivers;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.TestServers;
using LinqToDB;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Conductor.Tests;

/// <summary>Drivers and services of hosts, with agents that do what a test says.</summary>
public sealed class DriverTests
{
    private const string Host = TestConductor.Host;
    private const string Acme = "acme_driver";

    [Theory, EachDatabase]
    public async Task Drivers_and_services_are_listed_as_their_agents_report_them(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await ReportAsync(conductor, Host, Told("1.0.0"), TestConductor.Card("card", 1));
        await ReportAsync(conductor, "compute2", Told("2.0.0", "its files are gone."));

        var drivers = (await conductor.CallAsync(Verbs.ListDrivers, new ListDrivers(null, null))).Drivers;
        Assert.Equal(
            [("acme_driver", Host, "1.0.0", true, (string?)null), ("acme_driver", "compute2", "2.0.0", true, "its files are gone.")],
            drivers.Select(driver => (driver.Id, driver.Host, driver.Version!, driver.Live, driver.Error)));
        Assert.Equal("acme_driver", Assert.Single(drivers[0].Backends).Backend);
        Assert.Single((await conductor.CallAsync(Verbs.ListDrivers, new ListDrivers(Acme, "compute2"))).Drivers);
        Assert.Equal(FaultCode.DriverNotFound, await conductor.FaultAsync(Verbs.ListDrivers, new ListDrivers("nobody", null)));
        var services = (await conductor.CallAsync(Verbs.ListServices, new ListServices(Host))).Services;
        Assert.Equal(new HostService(Host, true, new ReportedService(Acme, Acme, "qat", true, 1, null)), Assert.Single(services));
        Assert.Equal(FaultCode.DriverNotFound, await conductor.FaultAsync(Verbs.ListServices, new ListServices("nowhere")));
    }

    [Theory, EachDatabase]
    public async Task A_driver_of_a_host_that_is_not_heard_is_listed_and_not_changed(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await ReportAsync(conductor, Host, Told("1.0.0"));
        await conductor.Database.TransactAsync(session => session.Hosts.Set(row => row.SeenAt, DateTimeOffset.UnixEpoch).UpdateAsync(), TestContext.Current.CancellationToken);
        Assert.False(Assert.Single((await conductor.CallAsync(Verbs.ListDrivers, new ListDrivers(null, null))).Drivers).Live);
        Assert.False(Assert.Single((await conductor.CallAsync(Verbs.ListServices, new ListServices(null))).Services).Live);
        Assert.Equal(FaultCode.Conflict, await conductor.FaultAsync(Verbs.UninstallDriver, new UninstallDriver(Acme, Host)));
        Assert.Equal(FaultCode.Conflict, await conductor.FaultAsync(Verbs.InstallDriver, new ChangeDriver("other", null, null, null)));
        var silent = Assert.Single((await conductor.CallAsync(Verbs.DiscoverServices, new ListServices(null))).Silent);
        Assert.Equal(Host, silent.Host);
    }

    [Theory, EachDatabase]
    public async Task An_install_goes_to_the_only_host_and_shows_at_once(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await ReportAsync(conductor, Host, new HostDrivers([], [], []));
        PutDriver? asked = null;
        await using var agent = await AgentAsync(conductor, server => server.Map(
            Verbs.PlaceDriver, (request, _, _) => { asked = request; return Task.FromResult(Told("1.0.0")); }, Host));

        var driver = await conductor.CallAsync(Verbs.InstallDriver, new ChangeDriver(Acme, null, "1.0.0", "00"));
        Assert.Equal((Acme, Host, "1.0.0"), (driver.Id, driver.Host, driver.Version));
        Assert.Equal((Acme, "1.0.0", "00"), (asked!.Id, asked.Version, asked.Checksum));
        Assert.Single((await conductor.CallAsync(Verbs.ListDrivers, new ListDrivers(Acme, Host))).Drivers);
        Assert.Single((await conductor.CallAsync(Verbs.ListServices, new ListServices(null))).Services);
        Assert.Equal(FaultCode.Conflict, await conductor.FaultAsync(Verbs.InstallDriver, new ChangeDriver(Acme, null, null, null)));
    }

    [Theory, EachDatabase]
    public async Task A_call_that_comes_again_asks_the_same_host_for_the_same_order(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await ReportAsync(conductor, Host, new HostDrivers([], [], []));
        var orders = new List<Guid>();
        await using var agent = await AgentAsync(conductor, server =>
        {
            server.Map(Verbs.PlaceDriver, (request, _, _) => { orders.Add(request.Order); return Task.FromResult(Told("1.0.0")); }, Host);
            server.Map(Verbs.RemoveDriver, (request, _, _) => { orders.Add(request.Order); return Task.FromResult(new HostDrivers([], [], [])); }, Host);
        });
        var id = Guid.NewGuid();
        for (var n = 0; n < 2; n++)
            Assert.Equal("1.0.0", (await conductor.CallAsync(Verbs.InstallDriver, new ChangeDriver(Acme, null, null, null), idempotencyId: id)).Version);
        var other = Guid.NewGuid();
        for (var n = 0; n < 2; n++)
            Assert.Equal(Host, (await conductor.CallAsync(Verbs.UninstallDriver, new UninstallDriver(Acme, null), idempotencyId: other)).Host);
        Assert.Equal([id, id, other, other], orders);
    }

    [Theory, EachDatabase]
    public async Task Of_several_hosts_one_has_to_be_named(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await ReportAsync(conductor, Host, Told("1.0.0"));
        await ReportAsync(conductor, "compute2", Told("1.0.0"));
        var fault = await Assert.ThrowsAsync<FaultException>(() => conductor.CallAsync(Verbs.InstallDriver, new ChangeDriver("other", null, null, null)));
        Assert.Equal(FaultCode.Conflict, fault.Code);
        Assert.Contains("compute1, compute2", fault.Message, StringComparison.Ordinal);
        Assert.Equal(FaultCode.Conflict, await conductor.FaultAsync(Verbs.UpdateDriver, new ChangeDriver(Acme, null, null, null)));
        Assert.Equal(FaultCode.Conflict, await conductor.FaultAsync(Verbs.UninstallDriver, new UninstallDriver(Acme, null)));
        Assert.Equal(FaultCode.DriverNotFound, await conductor.FaultAsync(Verbs.UpdateDriver, new ChangeDriver(Acme, "nowhere", null, null)));
        Assert.Equal(FaultCode.DriverNotFound, await conductor.FaultAsync(Verbs.UpdateDriver, new ChangeDriver("nobody", null, null, null)));
    }

    [Theory, EachDatabase]
    public async Task A_driver_is_not_uninstalled_while_a_device_of_it_is_in_use(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await ReportAsync(conductor, Host, Told("1.0.0"), TestConductor.Card("card", 1));
        var removed = 0;
        await using var agent = await AgentAsync(conductor, server => server.Map(
            Verbs.RemoveDriver, (_, _, _) => { removed++; return Task.FromResult(new HostDrivers([], [], [])); }, Host));
        var arqs = await conductor.CreateAsync();
        await conductor.BindAsync(arqs, "card");
        var fault = await Assert.ThrowsAsync<FaultException>(() => conductor.CallAsync(Verbs.UninstallDriver, new UninstallDriver(Acme, null)));
        Assert.Equal((FaultCode.Conflict, 0), (fault.Code, removed));
        Assert.Contains("in use", fault.Message, StringComparison.Ordinal);
        Assert.False(Assert.Single((await DevicesAsync(conductor))).Missing);

        await conductor.CallAsync(Verbs.DeleteArqs, new DeleteArqs(TestConductor.Scope(TestConductor.Project), arqs, AlsoBound: true));
        await conductor.CallAsync(Verbs.UninstallDriver, new UninstallDriver(Acme, null));
        Assert.Equal(1, removed);
        Assert.Empty((await conductor.CallAsync(Verbs.ListDrivers, new ListDrivers(null, null))).Drivers);
    }

    [Theory, EachDatabase]
    public async Task No_bind_gets_a_device_whose_driver_goes_and_a_driver_that_stays_gets_it_back(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await ReportAsync(conductor, Host, Told("1.0.0"), TestConductor.Card("card", 1));
        var before = Assert.Single(await DevicesAsync(conductor)).Uuid;
        FaultCode? bind = null;
        await using var agent = await AgentAsync(conductor, server => server.Map(
            Verbs.RemoveDriver,
            async (_, _, _) =>
            {
                bind = await conductor.FaultAsync(Verbs.BindArqs, TestConductor.Binding(await conductor.CreateAsync(), "card"));
                throw new FaultException(FaultCode.BackendFailed, "it will not let go.");
            },
            Host));
        Assert.Equal(FaultCode.BackendFailed, await conductor.FaultAsync(Verbs.UninstallDriver, new UninstallDriver(Acme, null)));
        Assert.NotNull(bind);

        // Its report is asked for, and brings the device back as it was.
        await ReportAsync(conductor, Host, Told("1.0.0"), TestConductor.Card("card", 1));
        var after = Assert.Single(await DevicesAsync(conductor));
        Assert.Equal((before, false), (after.Uuid, after.Missing));
        await conductor.BindAsync(await conductor.CreateAsync(), "card");
    }

    [Theory, EachDatabase]
    public async Task Services_are_discovered_on_every_host_and_a_silent_one_is_named(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await ReportAsync(conductor, Host, new HostDrivers([], [], []));
        await ReportAsync(conductor, "compute2", Told("1.0.0"));
        await using var agent = await AgentAsync(conductor, server => server.Map(Verbs.AskServices, (_, _, _) => Task.FromResult(Told("1.0.0")), Host));
        var found = await conductor.CallAsync(Verbs.DiscoverServices, new ListServices(null));
        Assert.Equal([Host, "compute2"], found.Services.Select(service => service.Host));
        Assert.Equal("compute2", Assert.Single(found.Silent).Host);
        Assert.Equal(found.Services, (await conductor.CallAsync(Verbs.ListServices, new ListServices(null))).Services);
    }

    [Fact]
    public void A_row_without_drivers_is_read_as_its_backends()
    {
        var told = HostTale.Read("""[{"driver": "a", "backend": "b", "kind": "c", "creates": true, "devices": []}]""");
        Assert.Equal(("a", "b"), (Assert.Single(told.Backends).Driver, told.Backends[0].Backend));
        Assert.Empty(told.Drivers);
        Assert.Null(HostTale.Of(TestConductor.Inventory()));
    }

    private static HostDrivers Told(string version, string? error = null) => new(
        [new ReportedDriver(Acme, version, error)],
        [new ReportedBackend(Acme, Acme, Acme, Creates: false)],
        [new ReportedService(Acme, Acme, "qat", Up: true, 1, null)]);

    private static Task<InventoryReply> ReportAsync(TestConductor conductor, string host, HostDrivers told, params DriverDevice[] devices)
    {
        var report = TestConductor.Inventory(new DriverDiscovery(Acme, devices)) with
        {
            Backends = told.Backends,
            Running = told.Drivers,
            Services = told.Services,
        };
        return conductor.CallAsync(Verbs.ReportInventory, report, project: null, host: host);
    }

    private static async Task<IReadOnlyList<Device>> DevicesAsync(TestConductor conductor) =>
        (await conductor.CallAsync(Verbs.ListDevices, new ListDevices(null, null, null, null))).Devices;

    private static async Task<BusServer> AgentAsync(TestConductor conductor, Action<BusServer> map)
    {
        var server = new BusServer(conductor.Bus.Connect(), TestConductor.Patient, NullLoggerFactory.Instance, TimeProvider.System);
        map(server);
        await server.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }
}
