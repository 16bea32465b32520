using Cyborg.Drivers.Conformance;
using Cyborg.Drivers.Generic;
using Cyborg.Model;

namespace Cyborg.Drivers.Tests;

/// <summary>All kinds of backends at once, and two of one kind. All of them go blind together; one that does so alone is a test of the generic driver.</summary>
internal sealed class GenericBench : DriverBench
{
    private readonly PciBench _pci = new();
    private readonly MdevBench _mdev = new();
    private readonly StaticBench _static = new();
    private readonly StaticBench _other = new();

    public override bool TellsRequestsApart => false;

    public override DriverControlPath Absent => _static.Absent;

    public override IAcceleratorDriver Create() => new GenericDriver(new GenericDriverOptions
    {
        Backends = [_mdev.Options with { Name = "vgpus" }, _pci.Options with { Name = "cards" }, _static.Options, _other.Options with { Name = "rack-8" }],
        DefaultBackend = "rack-8",
    });

    public override void PlugIn() => _mdev.PlugIn();

    public override void PullOut() => _mdev.PullOut();

    public override void Blind()
    {
        foreach (var bench in All)
            bench.Blind();
    }

    public override void Unblind()
    {
        foreach (var bench in All)
            bench.Unblind();
    }

    public override bool Occupy() => _mdev.Occupy();

    public override void Calm() => _mdev.Calm();

    protected override void TakeAway()
    {
        foreach (var bench in All)
            bench.Dispose();
    }

    private DriverBench[] All => [_mdev, _pci, _static, _other];
}
