using Cyborg.Drivers.Conformance;
using Cyborg.Drivers.Fake;

namespace Cyborg.Drivers.Tests;

/// <summary>The fake driver's hardware is its options; it cannot change under a driver.</summary>
internal sealed class FakeBench(bool hostWork) : DriverBench
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cyborg-fake-").FullName;
    private readonly HashSet<FakeOperation> _fail = [];
    private int _devices = 2;

    public override IAcceleratorDriver Create() => new FakeDriver(
        new FakeDriverOptions
        {
            Host = "compute1.example.org",
            Devices = _devices,
            HostWork = hostWork,
            AttachPath = hostWork ? _folder : null,
            Fail = [.. _fail],
        }, TimeProvider.System);

    public override IAcceleratorDriver AfterChange(IAcceleratorDriver driver) => Create();

    public override void PlugIn() => _devices++;

    public override void PullOut() => _devices--;

    public override void Blind() => _fail.Add(FakeOperation.Discover);

    public override void Unblind() => _fail.Remove(FakeOperation.Discover);

    public override bool Occupy()
    {
        _fail.UnionWith([FakeOperation.Attach, FakeOperation.Detach]);
        return hostWork;
    }

    public override void Calm() => _fail.ExceptWith([FakeOperation.Attach, FakeOperation.Detach]);

    protected override void TakeAway() => Directory.Delete(_folder, recursive: true);
}
