using Cyborg.Drivers.Conformance;
using Cyborg.Drivers.Generic;
using Cyborg.Drivers.Generic.Pci;
using Cyborg.Drivers.Generic.Static;
using Cyborg.Model;

namespace Cyborg.Drivers.Tests;

public sealed class GenericDriverTests : IDisposable
{
    private readonly PciBench _pci = new();
    private readonly MdevBench _mdev = new();
    private readonly StaticBench _rack = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        foreach (var bench in new DriverBench[] { _pci, _mdev, _rack })
            bench.Dispose();
    }

    [Fact]
    public async Task Backends_are_joined_in_their_order_and_each_device_is_of_one()
    {
        var driver = Driver(_rack.Options, _pci.Options, _mdev.Options);
        Assert.Equal([new("rack-7", "static"), new("pci", "pci"), new("mdev", "mdev")], driver.Backends);
        var devices = (await driver.DiscoverAsync(Token)).Devices;
        Assert.Equal(
            ["rack-7", "rack-7", "pci", "pci", "pci", "mdev", "mdev"], devices.Select(device => driver.BackendOf(device.ControlPath)));
        Assert.Null(driver.BackendOf(new DriverControlPath("PCI", "{}")));
    }

    [Fact]
    public async Task Services_are_what_capabilities_and_kinds_of_devices_say()
    {
        var services = await Driver(_rack.Options, _pci.Options, _mdev.Options).DiscoverServicesAsync(Token);
        Assert.Equal(
            [
                "rack-7: gpu Up 1, ipsec Up 2",
                "pci: aichip Up 1, gpu Up 1, qat Up 3",
                "mdev: vgpu Up 20",
            ],
            services.Select(backend =>
                $"{backend.Backend.Name}: {string.Join(", ", backend.Services.Select(service => $"{service.Function} {service.State} {service.Accelerators}"))}"));
    }

    [Fact]
    public async Task A_backend_that_goes_blind_keeps_its_devices_and_the_others_go_on()
    {
        var driver = Driver(_rack.Options, _pci.Options);
        var before = (await driver.DiscoverAsync(Token)).Devices;
        _rack.Blind();
        _pci.PlugIn();
        var found = await driver.DiscoverAsync(Token);
        Assert.Equal(before.Count + 1, found.Devices.Count);
        Assert.Contains(found.Problems, problem => problem.Where == "backend rack-7" && problem.What.Contains("rack.yaml:", StringComparison.Ordinal));
        var services = await driver.DiscoverServicesAsync(Token);
        Assert.NotNull(services[0].Fault);
        Assert.NotEmpty(services[1].Services);
    }

    /// <summary>Else the devices that it had before the agent was started anew would read as vanished.</summary>
    [Fact]
    public async Task A_backend_that_is_blind_from_the_start_keeps_the_driver_from_telling()
    {
        _rack.Blind();
        var failure = await Assert.ThrowsAsync<DriverException>(() => Driver(_pci.Options, _rack.Options).DiscoverAsync(Token));
        Assert.StartsWith("backend rack-7: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_backends_that_find_one_device_the_first_has_it()
    {
        var gpus = _pci.Options with { Name = "gpus", Specs = PciSpecParser.Parse(["""{"vendor_id": "10de"}"""]).Specs };
        var driver = Driver(gpus, _pci.Options);
        var found = await driver.DiscoverAsync(Token);
        Assert.Equal(3, found.Devices.Count);
        Assert.Contains(found.Problems, problem => problem.What == "backend pci offers it, too; backend gpus has it.");
        Assert.Equal("gpus", driver.BackendOf(found.Devices[0].ControlPath));
        Assert.Equal(["pci", "pci"], found.Devices.Skip(1).Select(device => driver.BackendOf(device.ControlPath)));
    }

    [Fact]
    public async Task Accelerators_are_made_where_it_is_said_and_otherwise_on_the_default_backend()
    {
        var other = _rack.Options with { Name = "rack-8", InventoryFile = null };
        var order = new AcceleratorOrder(Guid.NewGuid(), "a", new AcceleratorSpec());
        var driver = new GenericDriver(new GenericDriverOptions { Backends = [_pci.Options, _rack.Options, other], DefaultBackend = "rack-8" });
        Assert.Equal("rack-8", driver.BackendOf((await driver.CreateAsync(null, order, Token)).Device!));
        Assert.Equal("rack-7", driver.BackendOf((await driver.CreateAsync("rack-7", order, Token)).Device!));
        Assert.Equal(DriverOutcomeKind.NotSupported, (await driver.CreateAsync("pci", order, Token)).Outcome.Kind);
        Assert.Equal("There is no backend 'x' here, but pci, rack-7, rack-8.", (await driver.CreateAsync("x", order, Token)).Outcome.Reason);
        var first = new GenericDriver(new GenericDriverOptions { Backends = [_pci.Options, _rack.Options, other] });
        Assert.Equal("rack-7", first.BackendOf((await first.CreateAsync(null, order, Token)).Device!));
        Assert.Equal(DriverOutcomeKind.NotSupported, (await Driver(_pci.Options).CreateAsync(null, order, Token)).Outcome.Kind);
    }

    [Fact]
    public async Task A_backend_without_a_folder_makes_nothing()
    {
        var order = new AcceleratorOrder(Guid.NewGuid(), "a", new AcceleratorSpec());
        var made = await Driver(_rack.Options with { StateFolder = null }).CreateAsync(null, order, Token);
        Assert.Equal(DriverOutcomeKind.NotSupported, made.Outcome.Kind);
    }

    [Fact]
    public async Task What_was_made_is_offered_by_its_kind_of_use()
    {
        var driver = Driver(_rack.Options);
        var order = new AcceleratorOrder(Guid.NewGuid(), "IPSec Card", new AcceleratorSpec { DeviceType = "CRYPTO" });
        var made = await driver.CreateAsync(null, order, Token);
        var device = (await driver.DiscoverAsync(Token)).Devices.Single(device => device.ControlPath == made.Device);
        Assert.Equal((DeviceType.QAT, "IPSec Card"), (device.Type, device.Model));
        Assert.Contains(new DriverAttribute("rc", "CUSTOM_CRYPTO"), device.Deployables[0].Attributes);
        Assert.Equal($"compute1.example.org_rack-7_{order.Uuid}", device.Deployables[0].Name);
    }

    [Fact]
    public async Task A_state_that_cannot_be_read_is_told_and_not_taken_for_empty()
    {
        var driver = Driver(_rack.Options);
        await driver.CreateAsync(null, new AcceleratorOrder(Guid.NewGuid(), "a", new AcceleratorSpec()), Token);
        await File.WriteAllTextAsync(Assert.Single(Directory.GetFiles(_rack.Options.StateFolder!)), "{", Token);
        await Assert.ThrowsAsync<DriverException>(() => Driver(_rack.Options).DiscoverAsync(Token));
        Assert.False((await driver.CreateAsync(null, new AcceleratorOrder(Guid.NewGuid(), "b", new AcceleratorSpec()), Token)).Outcome.Worked);
    }

    [Fact]
    public async Task A_mediated_device_is_not_told_as_gone_when_no_backend_can_remove_it()
    {
        var found = await Driver(_mdev.Options).DiscoverAsync(Token);
        var (device, handle) = (found.Devices[0].ControlPath, found.Devices[0].Deployables[0].AttachHandles[0]);
        var use = new HandleUse(Guid.NewGuid(), Guid.NewGuid());
        Assert.True((await Driver(_mdev.Options).AttachAsync(device, handle, use, Token)).Worked);
        Assert.Equal(DriverOutcomeKind.Failed, (await Driver(_pci.Options).DetachAsync(device, handle, use, Token)).Kind);
        Assert.True((await Driver(_pci.Options, _mdev.Options with { Types = [] }).DetachAsync(device, handle, use, Token)).Worked);
        Assert.Equal(0, (await Driver(_mdev.Options).MeasureAsync(Token))[0].Figures[UsageFigures.AcceleratorsInUse]);
    }

    [Theory]
    [InlineData("a", "a", null, "two backends have the name 'a'.")]
    [InlineData("a b", "c", null, "'a b' is no name of a backend: it takes 1 to 64 letters, digits, '.', '_' and '-'.")]
    [InlineData("a", "b", "c", "the default backend 'c' is not among the enabled ones.")]
    public void Wrong_options_are_refused(string first, string second, string? defaultBackend, string fault)
    {
        var options = new GenericDriverOptions
        {
            Backends = [new StaticBackendOptions { Name = first, Host = "h" }, new PciBackendOptions { Name = second, Host = "h" }],
            DefaultBackend = defaultBackend,
        };
        Assert.Equal(fault, Assert.Throws<DriverException>(() => new GenericDriver(options)).Message);
    }

    [Fact]
    public async Task A_card_is_attached_to_the_host_with_the_driver_that_the_options_name_and_put_back()
    {
        using var bench = new PciHostBench();
        var driver = (GenericDriver)bench.Create();
        var device = (await driver.DiscoverAsync(Token)).Devices[0];
        var (handle, use) = (device.Deployables[0].AttachHandles[0], new HandleUse(Guid.NewGuid(), Guid.NewGuid()));
        Assert.Equal(DriverOutcome.Done, await driver.AttachToHostAsync(device.ControlPath, handle, use, Token));
        Assert.Equal("vfio-pci", bench.Kernel.Binder().Look("0000:84:00.0").Driver);
        Assert.Equal(DriverOutcome.Done, await driver.DetachFromHostAsync(device.ControlPath, handle, use, Token));
        Assert.Equal("nvidia", bench.Kernel.Binder().Look("0000:84:00.0").Driver);
        bench.Kernel.UnloadDriver("vfio-pci");
        var refused = await driver.AttachToHostAsync(device.ControlPath, handle, use, Token);
        Assert.Equal("0000:84:00.0: the kernel has no driver vfio-pci; load its module.", refused.Reason);
    }

    private static GenericDriver Driver(params GenericBackendOptions[] backends) => new(new GenericDriverOptions { Backends = backends });
}
