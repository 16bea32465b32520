using Cyborg.Model;

namespace Cyborg.Drivers.Generic.Pci;

/// <summary>Offers the PCI devices that <c>[pci] passthrough_whitelist</c> names, as sysfs shows them (upstream: the pci driver, which asks lspci).</summary>
/// <remarks>An SR-IOV function with virtual functions enabled offers those and not itself; its virtual functions are then no devices of their own.
/// Bridges are never offered. There is nothing to install: Nova's libvirt driver binds a function to vfio when it hands it out.</remarks>
internal sealed class PciBackend(PciBackendOptions options) : IGenericBackend, IHostAttachDriver, IUsageDriver
{
    public const string BackendKind = "pci";

    private readonly SysfsPci _sysfs = new(options.SysfsRoot);
    private readonly PciHostAttach _hostAttach = new(options);

    public string Name => options.Name;

    public bool Owns(DriverControlPath device) =>
        device.CpidType == "PCI" && PciAddress.TryParseInfo(device.CpidInfo, out var address) && options.Specs.Any(spec => spec.Address.Matches(address));

    /// <summary>Reads sysfs on another thread: its files answer at once, but there may be many.</summary>
    public Task<DriverFindings> DiscoverAsync(CancellationToken cancellationToken) =>
        options.Specs.Count == 0
            ? Task.FromResult(DriverFindings.None)
            : Task.Run(() => Discover(cancellationToken), cancellationToken);

    public Task<DriverOutcome> InstallAsync(DriverControlPath device, CancellationToken cancellationToken) => LookAsync(device, cancellationToken);

    public Task<DriverOutcome> UninstallAsync(DriverControlPath device, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(DriverOutcome.Done);
    }

    public Task<DriverOutcome> ProbeAsync(DriverControlPath device, CancellationToken cancellationToken) => LookAsync(device, cancellationToken);

    public Task<DriverOutcome> ProgramAsync(DriverControlPath device, string imagePath, CancellationToken cancellationToken) =>
        Task.FromResult(DriverOutcome.NotSupported("The generic driver's PCI backend does not program devices."));

    public Task<DriverOutcome> AttachToHostAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken) =>
        _hostAttach.AttachAsync(device, handle, use, cancellationToken);

    public Task<DriverOutcome> DetachFromHostAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken) =>
        _hostAttach.DetachAsync(device, handle, use, cancellationToken);

    public Task<IReadOnlyList<DriverUsage>> MeasureAsync(CancellationToken cancellationToken) =>
        options.Specs.Count == 0
            ? Task.FromResult<IReadOnlyList<DriverUsage>>([])
            : Task.Run<IReadOnlyList<DriverUsage>>(() => Measure(cancellationToken), cancellationToken);

    private List<DriverUsage> Measure(CancellationToken cancellationToken) =>
        [.. Discover(cancellationToken).Devices
            .Select(device => PciAddress.TryParseInfo(device.ControlPath.CpidInfo, out var address)
                ? new DriverUsage(device.ControlPath, _sysfs.Usage(address))
                : null)
            .OfType<DriverUsage>().Where(usage => usage.Figures.Count > 0)];

    private DriverFindings Discover(CancellationToken cancellationToken)
    {
        var problems = new List<DiscoveryProblem>();
        var chosen = Choose(problems, cancellationToken);
        var devices = new List<DriverDevice>();
        foreach (var (address, (function, spec)) in chosen)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // A chosen function that could not be read hides its virtual functions, too: they would come and go as devices of their own.
            if (function is null || spec is null || (function.PhysicalFunction is { } physical && chosen.ContainsKey(physical)))
                continue;
            if (Describe(function, spec, problems) is not { } device)
                continue;
            if (DeviceRules.Fault(device) is { } fault)
                problems.Add(new DiscoveryProblem(address.ToString(), fault));
            else
                devices.Add(device);
        }
        return new DriverFindings(devices, problems);
    }

    /// <summary>The functions that a spec matches, and with neither function nor spec those that could not be read but might match.</summary>
    private SortedDictionary<PciAddress, (PciFunction? Function, PciDeviceSpec? Spec)> Choose(
        List<DiscoveryProblem> problems, CancellationToken cancellationToken)
    {
        var chosen = new SortedDictionary<PciAddress, (PciFunction?, PciDeviceSpec?)>();
        foreach (var address in _sysfs.Addresses())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!options.Specs.Any(spec => spec.Address.Matches(address)))
                continue;
            try
            {
                var function = _sysfs.Identify(address);
                if (!PciClasses.IsBridge(function) && options.Specs.FirstOrDefault(spec => Matches(spec, function)) is { } spec)
                    chosen.Add(address, (function, spec));
            }
            catch (SysfsException e)
            {
                problems.Add(new DiscoveryProblem(address.ToString(), e.Message));
                chosen.Add(address, (null, null));
            }
        }
        return chosen;
    }

    private bool Matches(PciDeviceSpec spec, PciFunction function) =>
        spec.Matches(function) && (spec.Interface is null || _sysfs.HasInterface(function.Address, spec.Interface));

    private DriverDevice? Describe(PciFunction function, PciDeviceSpec spec, List<DiscoveryProblem> problems)
    {
        var where = function.Address.ToString();
        if ((spec.Type ?? PciClasses.Type(function)) is not { } type)
        {
            problems.Add(new DiscoveryProblem(
                where, $"the kind of device does not follow from its PCI class {function.Class:x4}: give 'type' in [pci] passthrough_whitelist."));
            return null;
        }
        try
        {
            var virtualFunctions = _sysfs.VirtualFunctions(function.Address);
            var facts = _sysfs.Facts(function.Address, what => problems.Add(new DiscoveryProblem(where, what)));
            return PciDevices.Describe(options.Host, function, facts, virtualFunctions, new PciOffer(type, spec.ResourceClass, spec.Traits));
        }
        catch (SysfsException e)
        {
            problems.Add(new DiscoveryProblem(where, e.Message));
        }
        catch (DirectoryNotFoundException)
        {
            problems.Add(new DiscoveryProblem(where, "it vanished while it was read."));
        }
        return null;
    }

    private Task<DriverOutcome> LookAsync(DriverControlPath device, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!PciAddress.TryParseInfo(device.CpidInfo, out var address))
            return Task.FromResult(DriverOutcome.Failed($"{device.CpidInfo} is no PCI address."));
        try
        {
            _ = _sysfs.Identify(address);
            return Task.FromResult(DriverOutcome.Done);
        }
        catch (SysfsException e)
        {
            return Task.FromResult(DriverOutcome.Failed(
                _sysfs.Exists(address) ? $"{address}: {e.Message}" : $"There is no PCI device at {address}."));
        }
    }
}
