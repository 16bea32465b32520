using Cyborg.Drivers.Generic;
using Cyborg.Drivers.Generic.Mdev;
using Cyborg.Drivers.Generic.Pci;
using Cyborg.Drivers.Generic.Static;
using Cyborg.Hosting;

namespace Cyborg.Agent.Tests;

public sealed class GenericOptionsTests
{
    [Fact]
    public void By_default_there_is_an_idle_backend_of_each_kind()
    {
        var generic = AgentOptions.From(CyborgConfig.Empty).Generic;
        Assert.Equal(["pci", "mdev", "static"], generic.Backends.Select(backend => backend.Name));
        Assert.Null(generic.DefaultBackend);
        Assert.Empty(Of<PciBackendOptions>(generic).Specs);
        Assert.Empty(Of<MdevBackendOptions>(generic).Types);
        Assert.Null(Of<StaticBackendOptions>(generic).InventoryFile);
        Assert.Equal("/var/lib/cyborg/agent/attach", Of<PciBackendOptions>(generic).AttachFolder);
        Assert.Equal("/var/lib/cyborg/agent/generic", Of<StaticBackendOptions>(generic).StateFolder);
    }

    [Fact]
    public void Each_backend_has_a_section_of_its_own()
    {
        var inventory = Path.GetTempFileName();
        try
        {
            var (generic, warnings) = Read($$"""
                [DEFAULT]
                host = compute1
                [generic]
                enabled_backends = cards, nics, vgpus, rack-7
                default_backend = rack-7
                sysfs_root = /tree/sys
                [cards]
                backend_driver = pci
                passthrough_whitelist = {"vendor_id": "10de"}
                host_driver = vfio-pci
                [nics]
                backend_driver = pci
                passthrough_whitelist = {"vendor_id": "15b3"}
                passthrough_whitelist = {"vendor_id": "8086"}
                [vgpus]
                backend_driver = mdev
                enabled_vgpu_types = nvidia-223
                [vgpu_nvidia-223]
                device_addresses = 0000:af:00.0, 0000:b0:00.0
                [rack-7]
                backend_driver = static
                inventory = {{inventory}}
                inventry = x
                """);
            Assert.Contains("[rack-7] inventry", Assert.Single(warnings), StringComparison.Ordinal);
            Assert.Equal("rack-7", generic.DefaultBackend);
            Assert.Equal([("cards", "pci"), ("nics", "pci"), ("vgpus", "mdev"), ("rack-7", "static")], generic.Backends.Select(backend => (backend.Name, backend.Kind)));
            Assert.All(generic.Backends, backend => Assert.Equal("compute1", backend.Host));
            var (cards, nics) = ((PciBackendOptions)generic.Backends[0], (PciBackendOptions)generic.Backends[1]);
            Assert.Equal(("vfio-pci", null, "/tree/sys"), (cards.HostDriver, nics.HostDriver, nics.SysfsRoot));
            Assert.Equal([0x10de], cards.Specs.Select(spec => spec.VendorId));
            Assert.Equal([0x15b3, 0x8086], nics.Specs.Select(spec => spec.VendorId));
            var type = Assert.Single(Of<MdevBackendOptions>(generic).Types);
            Assert.Equal(("nvidia-223", 2), (type.Name, type.Parents.Count));
            Assert.Equal(inventory, Of<StaticBackendOptions>(generic).InventoryFile);
            Assert.Equal(4, new GenericDriver(generic).Backends.Count);
        }
        finally
        {
            File.Delete(inventory);
        }
    }

    /// <summary>As upstream's files have it.</summary>
    [Fact]
    public void The_sections_of_upstreams_drivers_configure_the_backends_named_as_their_kind()
    {
        var (generic, warnings) = Read("""
            [pci]
            passthrough_whitelist = {"vendor_id": "10de"}
            [gpu_devices]
            enabled_vgpu_types = nvidia-35, nvidia-36
            [vgpu_nvidia-35]
            device_addresses = 0000:84:00.0
            [vgpu_nvidia-36]
            device_addresses = 0000:85:00.0
            """);
        Assert.Empty(warnings);
        Assert.Single(Of<PciBackendOptions>(generic).Specs);
        Assert.Equal(["nvidia-35", "nvidia-36"], Of<MdevBackendOptions>(generic).Types.Select(type => type.Name));
    }

    [Fact]
    public void Every_fault_is_told_with_its_place()
    {
        var inventory = Path.GetTempFileName();
        try
        {
            File.WriteAllText(inventory, "accelerators:\n  - { id: a, type: GPU }\n  - { id: a, type: GPU }\n");
            var fault = Assert.Throws<ConfigException>(() => Read($"""
                [generic]
                enabled_backends = cards, usb, vgpus, rack, shelf, odd
                [cards]
                backend_driver = pci
                passthrough_whitelist = nothing
                host_driver = ../x
                [vgpus]
                backend_driver = mdev
                enabled_vgpu_types = nvidia-223
                [rack]
                backend_driver = static
                inventory = {inventory}
                [shelf]
                backend_driver = static
                inventory = shelf.yaml
                [odd]
                backend_driver = lspci
                """));
            Assert.Equal(
                [
                    "cyborg.conf:5: [cards] passthrough_whitelist: 'nothing' is neither JSON nor the word auto",
                    "cyborg.conf:6: [cards] host_driver: '../x' is no name of a kernel driver",
                    "cyborg.conf:2: [generic] enabled_backends: unknown backend 'usb'; known backends: mdev, pci, static, and those with a section that sets backend_driver",
                    "cyborg.conf:9: [vgpus] enabled_vgpu_types: type 'nvidia-223': give its device_addresses",
                    $"{inventory}:3: the id 'a' is given twice",
                    "cyborg.conf:15: [shelf] inventory: 'shelf.yaml' is no absolute path",
                    "cyborg.conf:17: [odd] backend_driver: unknown kind of backend 'lspci'; known kinds: mdev, pci, static",
                ],
                fault.Faults);
        }
        finally
        {
            File.Delete(inventory);
        }
    }

    [Theory]
    [InlineData("[generic]\ndefault_backend = rack", "[generic] default_backend: the default backend 'rack' is not among the enabled ones.")]
    [InlineData("[generic]\nenabled_backends = a b\n[a b]\nbackend_driver = pci", "'a b' is no name of a backend")]
    public void Backends_that_do_not_fit_together_stop_the_start(string text, string fault) =>
        Assert.Contains(fault, Assert.Single(Assert.Throws<ConfigException>(() => Read(text)).Faults), StringComparison.Ordinal);

    private static T Of<T>(GenericDriverOptions options) where T : GenericBackendOptions => Assert.Single(options.Backends.OfType<T>());

    private static (GenericDriverOptions Options, IReadOnlyList<string> Warnings) Read(string text)
    {
        var config = CyborgConfig.Parse([new ConfigSource("cyborg.conf", text)], AgentOptions.All);
        return (AgentOptions.From(config).Generic, config.Warnings);
    }
}
