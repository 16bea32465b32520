using Cyborg.Drivers.Conformance;

namespace Cyborg.Drivers.Tests.Example;

/// <summary>Two cards on a bench, and room for a third.</summary>
internal sealed class AcmeBench : DriverBench
{
    private readonly string _root = Directory.CreateTempSubdirectory("acme-").FullName;

    public AcmeBench()
    {
        Add("0000:17:00.0", engines: 4);
        Add("0000:65:00.0", engines: 1);
    }

    public override IAcceleratorDriver Create() => new AcmeDriver(new AcmeOptions { Host = "compute1", Root = Path.Combine(_root, "cards") });

    public override void PlugIn() => Add("0000:ca:00.0", engines: 2);

    public override void PullOut() => Directory.Delete(Path.Combine(_root, "cards", "0000:ca:00.0"), recursive: true);

    public override void Blind() => Directory.Move(Path.Combine(_root, "cards"), Path.Combine(_root, "away"));

    public override void Unblind() => Directory.Move(Path.Combine(_root, "away"), Path.Combine(_root, "cards"));

    protected override void TakeAway() => Directory.Delete(_root, recursive: true);

    private void Add(string address, int engines)
    {
        var card = Directory.CreateDirectory(Path.Combine(_root, "cards", address)).FullName;
        File.WriteAllText(Path.Combine(card, "engines"), $"{engines}\n");
    }
}

public sealed class AcmeDiscoveryConformance() : DiscoveryConformance(new AcmeBench());

public sealed class AcmeWorkConformance() : WorkConformance(new AcmeBench());
