using Cyborg.Attach;
using Cyborg.Attach.Tests;
using Cyborg.Drivers.Conformance;
using Cyborg.Drivers.Generic;
using Cyborg.Drivers.Generic.Pci;

namespace Cyborg.Drivers.Tests;

/// <summary>Cards of the host that its programs get through <c>vfio-pci</c>.</summary>
internal sealed class PciHostBench : DriverBench
{
    private const string Spare = "0000:86:00.0";

    public PciHostBench() => Kernel.WithDriver("vfio-pci", "nvidia")
        .WithFunction("0000:84:00.0", "nvidia").WithFunction("0000:85:00.0", null, group: 8);

    public PretendedKernel Kernel { get; } = new();

    public override IAcceleratorDriver Create() => new GenericDriver(new GenericDriverOptions
    {
        Backends =
        [
            new PciBackendOptions
            {
                Host = "compute1.example.org",
                SysfsRoot = Kernel.Sysfs,
                Specs = [new PciDeviceSpec()],
                HostDriver = "vfio-pci",
                AttachFolder = Kernel.Notes,
                Binder = options => new PciBinder(options with { BootIdFile = Kernel.BootIdFile, Write = Kernel.Write }),
            },
        ],
    });

    public override void PlugIn() => Kernel.WithFunction(Spare, null, group: null);

    public override void PullOut() => Kernel.Unplug(Spare);

    public override void Blind() => Directory.Move(Path.Combine(Kernel.Sysfs, "bus"), Path.Combine(Kernel.Sysfs, "bus.hidden"));

    public override void Unblind() => Directory.Move(Path.Combine(Kernel.Sysfs, "bus.hidden"), Path.Combine(Kernel.Sysfs, "bus"));

    protected override void TakeAway() => Kernel.Dispose();
}
