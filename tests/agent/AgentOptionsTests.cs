using Cyborg.Drivers.Fake;
using Cyborg.Drivers.Generic.Pci;
using Cyborg.Hosting;

namespace Cyborg.Agent.Tests;

public sealed class AgentOptionsTests
{
    [Fact]
    public void Defaults_are_upstreams()
    {
        var options = AgentOptions.From(CyborgConfig.Empty);
        Assert.Equal(TimeSpan.FromSeconds(60), options.PeriodicInterval);
        Assert.Equal(["fake_driver"], options.EnabledDrivers);
        Assert.False(options.InitiallyReady);
        Assert.Null(options.ImagePath);
        Assert.Equal(16, options.Fake.Handles);
        Assert.Equal((false, null), (options.Fake.HostWork, options.Fake.AttachPath));
        Assert.Equal(("/var/lib/cyborg/agent", TimeSpan.FromSeconds(10)), (options.StateFolder, options.HeartbeatInterval));
        Assert.Empty(Pci(options).Specs);
        Assert.Equal(options.Host, Pci(options).Host);
    }

    [Fact]
    public void Everything_can_be_set()
    {
        var options = Read($$"""
            [DEFAULT]
            host = compute1
            periodic_interval = 5
            state_path = /srv/cyborg
            [agent]
            enabled_drivers = generic_driver,fake_driver
            discovery_timeout = 7
            heartbeat_interval = 3
            image_path = {{Path.GetTempPath()}}
            [devices]
            initial_state = ready
            [fake]
            devices = 3
            handles = 2
            delay = 0.5
            fail = install,program,attach,detach
            host_work = true
            attach_path = /srv/fake
            [generic]
            enabled_backends = pci
            sysfs_root = /tree/sys
            [pci]
            passthrough_whitelist = {"vendor_id": "10de", "product_id": "1eb8"}
            passthrough_whitelist = auto
            """);
        Assert.Equal(("compute1", "compute1"), (options.Host, options.Fake.Host));
        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(7)), (options.PeriodicInterval, options.DiscoveryTimeout));
        Assert.Equal(["generic_driver", "fake_driver"], options.EnabledDrivers);
        Assert.True(options.InitiallyReady);
        Assert.Equal((3, 2, TimeSpan.FromSeconds(0.5)), (options.Fake.Devices, options.Fake.Handles, options.Fake.Delay));
        Assert.Equal([FakeOperation.Install, FakeOperation.Program, FakeOperation.Attach, FakeOperation.Detach], options.Fake.Fail);
        Assert.Equal((true, "/srv/fake"), (options.Fake.HostWork, options.Fake.AttachPath));
        Assert.Equal(("/srv/cyborg/agent", TimeSpan.FromSeconds(3)), (options.StateFolder, options.HeartbeatInterval));
        Assert.Equal("/tree/sys", Pci(options).SysfsRoot);
        Assert.Equal([0x10de, null], Pci(options).Specs.Select(spec => spec.VendorId));
        Assert.Equal(["generic_driver", "fake_driver"], options.Catalog(TimeProvider.System).Create(options.EnabledDrivers).Select(driver => driver.Name));
    }

    [Fact]
    public void An_unknown_driver_stops_the_start_with_one_line_that_names_the_known_ones() =>
        Assert.Equal(
            "cyborg.conf:2: [agent] enabled_drivers: unknown driver 'nvidia_gpu_driver'; known drivers: fake_driver, generic_driver",
            Assert.Throws<ConfigException>(() => Read("[agent]\nenabled_drivers = nvidia_gpu_driver, fake_driver")).Message);

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var fault = Assert.Throws<ConfigException>(() => Read("""
            [agent]
            enabled_drivers = fake
            image_path = images/../..
            [fake]
            fail = explode
            delay = 90000
            attach_path = state
            [generic]
            enabled_backends = usb, pci
            [pci]
            passthrough_whitelist = {"vendor_id": "nvidia"}
            """));
        Assert.Equal(7, fault.Faults.Count);
        Assert.All(fault.Faults, line => Assert.StartsWith("cyborg.conf:", line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_folder_of_images_that_is_not_there_stops_the_start() =>
        Assert.Contains(
            "is no folder", Assert.Throws<ConfigException>(() => Read("[agent]\nimage_path = /nonexistent/images")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("[DEFAULT]\nperiodic_interval = 0")]
    [InlineData("[fake]\nhandles = 0")]
    [InlineData("[agent]\nheartbeat_interval = 0")]
    [InlineData("[fake]\ndevices = 100000")]
    [InlineData("[devices]\ninitial_state = enabled")]
    [InlineData("[generic]\nsysfs_root = sys")]
    public void Values_out_of_bounds_stop_the_start(string text) => Assert.Throws<ConfigException>(() => Read(text));

    private static PciBackendOptions Pci(AgentOptions options) => Assert.Single(options.Generic.Backends.OfType<PciBackendOptions>());

    private static AgentOptions Read(string text) => AgentOptions.From(CyborgConfig.Parse([new ConfigSource("cyborg.conf", text)], AgentOptions.All));
}
