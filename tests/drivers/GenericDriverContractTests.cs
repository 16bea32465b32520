using Cyborg.Drivers.Generic;
using Cyborg.Drivers.Generic.Pci;

namespace Cyborg.Drivers.Tests;

/// <summary>The generic driver on a host with one of everything.</summary>
public sealed class GenericDriverContractTests : DriverContractSuite, IDisposable
{
    private readonly SysfsTree _tree = new();

    public GenericDriverContractTests()
    {
        _tree.Add("0000:00:00.0", "0x8086", "0x0d57", "0x060000");
        _tree.Add("0000:84:00.0", "0x10de", "0x1eb8", "0x030200").WithIommuGroup(42).WithDriver("vfio-pci").With("numa_node", "1");
        _tree.Add("0000:3b:00.0", "0x8086", "0x37c8", "0x0b4000")
            .WithVirtualFunctions("0x8086", "0x37c9", "0x0b4000", "0000:3b:01.0", "0000:3b:01.1", "0000:3b:02.0");
        _tree.Add("0000:5e:00.0", "0x19e5", "0xd100", "0x120000");
        _tree.Add("0000:5f:00.0", "0x10de", "0x2204", "0x030000").WithDanglingLinkInPlaceOf("device");
    }

    public void Dispose() => _tree.Dispose();

    protected override IAcceleratorDriver Create() => new GenericDriver(new GenericDriverOptions
    {
        Pci = new PciBackendOptions { Host = "compute1.example.org", SysfsRoot = _tree.Root, Specs = [new PciDeviceSpec()] },
    });
}
