using Cyborg.Drivers.Conformance;
using Cyborg.Drivers.Generic;
using Cyborg.Drivers.Generic.Pci;

namespace Cyborg.Drivers.Tests;

/// <summary>A host with one of everything: a GPU, a QAT with virtual functions, an AI chip, a bridge, and a card that cannot be read.</summary>
internal sealed class PciBench : DriverBench
{
    private const string Spare = "0000:a1:00.0";

    private readonly SysfsTree _tree = new();
    private readonly string _state = Directory.CreateTempSubdirectory("cyborg-attach-").FullName;

    public PciBench()
    {
        _tree.Add("0000:00:00.0", "0x8086", "0x0d57", "0x060000");
        _tree.Add("0000:84:00.0", "0x10de", "0x1eb8", "0x030200").WithIommuGroup(42).WithDriver("vfio-pci").With("numa_node", "1")
            .With("gpu_busy_percent", "7").With("mem_info_vram_total", "17163091968").With("mem_info_vram_used", "1048576");
        _tree.Add("0000:3b:00.0", "0x8086", "0x37c8", "0x0b4000")
            .WithVirtualFunctions("0x8086", "0x37c9", "0x0b4000", "0000:3b:01.0", "0000:3b:01.1", "0000:3b:02.0");
        _tree.Add("0000:5e:00.0", "0x19e5", "0xd100", "0x120000");
        _tree.Add("0000:5f:00.0", "0x10de", "0x2204", "0x030000").WithDanglingLinkInPlaceOf("device");
    }

    public PciBackendOptions Options => new()
    {
        Host = "compute1.example.org",
        SysfsRoot = _tree.Root,
        Specs = [new PciDeviceSpec()],
        AttachFolder = _state,
    };

    public override IAcceleratorDriver Create() => new GenericDriver(new GenericDriverOptions { Backends = [Options] });

    public override void PlugIn() => _tree.Add(Spare, "0x1002", "0x740f", "0x120000");

    public override void PullOut() => _tree.Remove(Spare);

    public override void Blind() => _tree.Hide();

    public override void Unblind() => _tree.Show();

    protected override void TakeAway()
    {
        _tree.Dispose();
        Directory.Delete(_state, recursive: true);
    }
}
