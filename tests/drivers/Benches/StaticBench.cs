using Cyborg.Drivers.Conformance;
using Cyborg.Drivers.Generic;
using Cyborg.Drivers.Generic.Static;
using Cyborg.Model;

namespace Cyborg.Drivers.Tests;

/// <summary>A rack whose inventory an operator edits.</summary>
internal sealed class StaticBench : DriverBench
{
    private const string Inventory =
        """
        accelerators:
          - id: ipsec-1
            name: IPSec card
            vendor: "8086"
            model: QAT 4xxx
            type: QAT
            num: 2
            traits: [CUSTOM_RACK_7]
            device_type: CRYPTO
            endpoint: 10.0.0.7:4500
            acc_capability:
              num: 2
              ipsec: { aes: { 3des: 50, num: 1 } }
          - { id: gpu-1, type: GPU, remote: 1 }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("cyborg-static-").FullName;
    private string _inventory = Inventory;

    public StaticBench() => Write(_inventory);

    public StaticBackendOptions Options => new()
    {
        Name = "rack-7",
        Host = "compute1.example.org",
        InventoryFile = Path.Combine(_folder, "rack.yaml"),
        StateFolder = Path.Combine(_folder, "state"),
    };

    /// <summary>A handle of a rack's accelerator is nothing on the host.</summary>
    public override bool TellsRequestsApart => false;

    public override DriverControlPath Absent { get; } = new("PCI", """{"accelerator": "gpu-9", "backend": "rack-7"}""");

    public override IAcceleratorDriver Create() => new GenericDriver(new GenericDriverOptions { Backends = [Options] });

    public override void PlugIn() => Write(_inventory = Inventory + "\n  - { id: gpu-2, type: GPU }\n");

    public override void PullOut() => Write(_inventory = Inventory);

    public override void Blind() => Write("accelerators: [");

    public override void Unblind() => Write(_inventory);

    protected override void TakeAway() => Directory.Delete(_folder, recursive: true);

    private void Write(string text) => File.WriteAllText(Path.Combine(_folder, "rack.yaml"), text);
}
