using System.Runtime.Loader;
using Cyborg.Drivers;
using Cyborg.Model;

namespace Cyborg.SamplePackage;

/// <summary>Cards that are there because the operator's options say so. What it is told to give back it writes down in its folder.</summary>
internal sealed class SampleDriver(DriverPackageSetting setting, IReadOnlyList<string>? cards) : IAcceleratorDriver, IDisposable
{
    public string Name { get; init; } = "sample_driver";

    public bool Clings { get; init; }

    public Task<DriverFindings> DiscoverAsync(CancellationToken cancellationToken) => cards is null
        ? throw new DriverException("its cards cannot be seen.")
        : Task.FromResult(new DriverFindings([.. cards.Select(Describe)], []));

    public Task<DriverOutcome> UninstallAsync(DriverControlPath device, CancellationToken cancellationToken)
    {
        if (Clings)
            return Task.FromResult(DriverOutcome.Failed("it will not let go."));
        File.AppendAllText(Path.Combine(setting.StateFolder, "given-back"), device.CpidInfo + "\n");
        return Task.FromResult(DriverOutcome.Done);
    }

    public void Dispose() => File.AppendAllText(Path.Combine(setting.StateFolder, "ended"), "x");

    private DriverDevice Describe(string card) => new()
    {
        Vendor = "5a5a",
        Model = "sample",
        Type = DeviceType.QAT,
        // Shows where the code runs.
        VendorBoardInfo = AssemblyLoadContext.GetLoadContext(typeof(SampleDriver).Assembly)?.Name,
        ControlPath = new DriverControlPath("PCI", IdentityJson.Write(("card", card))),
        Deployables =
        [
            new DriverDeployable
            {
                Name = $"{setting.Host}_sample_{card}",
                NumAccelerators = 1,
                DriverName = "sample",
                Attributes = [new DriverAttribute("rc", "CUSTOM_SAMPLE"), new DriverAttribute("trait0", PlacementNames.OwnerTrait)],
                AttachHandles = [new DriverAttachHandle(AttachHandleType.TEST_PCI, IdentityJson.Write(("card", card)))],
            },
        ],
    };
}
