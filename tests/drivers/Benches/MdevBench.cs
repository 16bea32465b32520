using Cyborg.Drivers.Conformance;
using Cyborg.Drivers.Generic;
using Cyborg.Drivers.Generic.Mdev;

namespace Cyborg.Drivers.Tests;

/// <summary>Two graphics cards that offer mediated devices, and room for a third.</summary>
internal sealed class MdevBench : DriverBench
{
    private const string Spare = "0000:a2:00.0";

    private readonly SysfsTree _tree = new();
    private readonly MdevKernel _kernel;

    public MdevBench()
    {
        _kernel = new MdevKernel(_tree);
        _kernel.AddParent("0000:af:00.0", "nvidia-223", "GRID T4-1B", 16);
        _kernel.AddParent("0000:b0:00.0", "nvidia-225", "GRID T4-2B", 4);
    }

    public MdevBackendOptions Options => new()
    {
        Host = "compute1.example.org",
        SysfsRoot = _tree.Root,
        Types = MdevType.Parse(["nvidia-223", "nvidia-225"], type => type == "nvidia-223" ? ["0000:af:00.0", Spare] : ["0000:b0:00.0"]).Types,
        Write = _kernel.Write,
    };

    /// <summary>The kernel knows devices by name, and not for whom they are.</summary>
    public override bool TellsRequestsApart => false;

    public override IAcceleratorDriver Create() => new GenericDriver(new GenericDriverOptions { Backends = [Options] });

    public override void PlugIn() => _kernel.AddParent(Spare, "nvidia-223", "GRID T4-1B", 2);

    public override void PullOut()
    {
        foreach (var uuid in Directory.GetDirectories(Path.Combine(_tree.Root, "class/mdev_bus", Spare, "mdev_supported_types/nvidia-223/devices")))
            File.Delete(Path.Combine(_tree.Root, "bus/mdev/devices", Path.GetFileName(uuid)));
        File.Delete(Path.Combine(_tree.Root, "class/mdev_bus", Spare));
        _tree.Remove(Spare);
    }

    public override void Blind() => _tree.Hide();

    public override void Unblind() => _tree.Show();

    public override bool Occupy() => _kernel.Refuses = true;

    public override void Calm() => _kernel.Refuses = false;

    protected override void TakeAway() => _tree.Dispose();
}
