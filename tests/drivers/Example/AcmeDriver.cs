using System.Globalization;
using Cyborg.Model;

namespace Cyborg.Drivers.Tests.Example;

/// <summary>Where the driver looks, and for whom.</summary>
public sealed record AcmeOptions
{
    /// <summary>The agent's host; begins the deployables' names.</summary>
    public required string Host { get; init; }

    /// <summary>Folder in which the cards' kernel driver shows them: one folder for each card, named by its PCI address.</summary>
    public string Root { get; init; } = "/sys/class/acme";
}

/// <summary>Acme's cipher cards. Each has some engines, and each engine can be leased to one user.</summary>
public sealed class AcmeDriver(AcmeOptions options) : IAcceleratorDriver
{
    public string Name => "acme_driver";

    public Task<DriverFindings> DiscoverAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!Directory.Exists(options.Root))
            throw new DriverException($"There is no {options.Root}: the kernel's driver for Acme cards is not loaded.");
        var devices = new List<DriverDevice>();
        var problems = new List<DiscoveryProblem>();
        foreach (var folder in Directory.EnumerateDirectories(options.Root).Order(StringComparer.Ordinal))
        {
            if (PciAddress.TryParse(Path.GetFileName(folder), out var address) && EnginesOf(address) is { } engines)
                devices.Add(Describe(address, engines));
            else
                problems.Add(new DiscoveryProblem(Path.GetFileName(folder), "its number of engines cannot be read."));
        }
        return Task.FromResult(new DriverFindings(devices, problems));
    }

    public Task<DriverOutcome> InstallAsync(DriverControlPath device, CancellationToken cancellationToken) =>
        OnCard(device, address => EnginesOf(address) is null ? NotThere(device) : DriverOutcome.Done, cancellationToken);

    public Task<DriverOutcome> ProbeAsync(DriverControlPath device, CancellationToken cancellationToken) =>
        OnCard(device, address => EnginesOf(address) is null ? NotThere(device) : DriverOutcome.Done, cancellationToken);

    public Task<DriverOutcome> AttachAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken) =>
        OnCard(device, address =>
        {
            if (LeaseFile(address, handle) is not { } file)
                return DriverOutcome.Failed($"There is no handle {handle.Info} at {device.CpidInfo}.");
            try
            {
                // Made in one step or not at all: of two that try, one fails, and a crash leaves no half.
                File.CreateSymbolicLink(file, use.Arq.ToString());
                return DriverOutcome.Done;
            }
            catch (IOException) when (HolderOf(file) is { } holder)
            {
                return holder == use.Arq.ToString() ? DriverOutcome.Done : DriverOutcome.Failed($"The engine is leased to {holder}.");
            }
            catch (IOException)
            {
                return DriverOutcome.Failed("The card does not lease the engine.");
            }
        }, cancellationToken);

    public Task<DriverOutcome> DetachAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken) =>
        OnCard(device, address =>
        {
            // Not there, or the whole card is gone: what was asked for is so.
            if (LeaseFile(address, handle) is not { } file || HolderOf(file) is not { } holder)
                return DriverOutcome.Done;
            if (holder != use.Arq.ToString())
                return DriverOutcome.Failed($"The engine is leased to {holder}.");
            File.Delete(file);
            return DriverOutcome.Done;
        }, cancellationToken);

    private DriverDevice Describe(PciAddress address, int engines) => new()
    {
        Vendor = "acme",
        Model = "Cipher 1",
        Type = DeviceType.QAT,
        StdBoardInfo = IdentityJson.Write([("engines", engines)]),
        ControlPath = address.ToControlPath(),
        Deployables =
        [
            new DriverDeployable
            {
                Name = $"{options.Host}_{address}",
                NumAccelerators = engines,
                DriverName = "acme",
                Attributes =
                [
                    new DriverAttribute("rc", "CUSTOM_CIPHER"),
                    new DriverAttribute("trait0", PlacementNames.OwnerTrait),
                    new DriverAttribute("trait1", PlacementNames.Custom("ACME", "Cipher 1")),
                ],
                AttachHandles = [.. Enumerable.Range(0, engines).Select(engine => HandleOf(address, engine))],
            },
        ],
    };

    private static DriverAttachHandle HandleOf(PciAddress address, int engine) => new(
        AttachHandleType.PCI,
        IdentityJson.Write([
            ("bus", address.BusText), ("device", address.DeviceText), ("domain", address.DomainText), ("function", address.FunctionText), ("engine", engine),
        ]),
        HostWork: true);

    private string? LeaseFile(PciAddress address, DriverAttachHandle handle)
    {
        for (var engine = 0; engine < EnginesOf(address); engine++)
        {
            if (HandleOf(address, engine) == handle)
                return Path.Combine(options.Root, address.ToString(), $"lease{engine}");
        }
        return null;
    }

    private int? EnginesOf(PciAddress address)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(options.Root, address.ToString(), "engines"));
            return int.TryParse(text, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var engines) && engines is > 0 and <= 64 ? engines : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string? HolderOf(string file) => new FileInfo(file).LinkTarget;

    private static Task<DriverOutcome> OnCard(DriverControlPath device, Func<PciAddress, DriverOutcome> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(PciAddress.TryParseInfo(device.CpidInfo, out var address) ? work(address) : NotThere(device));
    }

    private static DriverOutcome NotThere(DriverControlPath device) => DriverOutcome.Failed($"There is no Acme card at {device.CpidInfo}.");
}
