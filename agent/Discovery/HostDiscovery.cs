using System.Threading.Channels;
using Cyborg.Agent.Journal;
using Cyborg.Drivers;
using Cyborg.Model;

namespace Cyborg.Agent.Discovery;

/// <summary>One look at the host with all enabled drivers. Drivers may come and go between two looks.</summary>
internal sealed class HostDiscovery(IReadOnlyList<DriverWatch> enabled)
{
    // Holds one thing while somebody has his turn.
    private readonly Channel<bool> _turn = Channel.CreateBounded<bool>(1);
    private volatile IReadOnlyList<DriverWatch> _drivers = enabled;

    /// <summary>The enabled drivers, in their order; those that were installed later are the last.</summary>
    public IReadOnlyList<DriverWatch> Drivers => _drivers;

    /// <summary>Does something while no look is under way: drivers have one discovery at a time.</summary>
    public async Task<T> BetweenLooksAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await _turn.Writer.WriteAsync(true, cancellationToken).ConfigureAwait(false);
        try
        {
            return await work().ConfigureAwait(false);
        }
        finally
        {
            _turn.Reader.TryRead(out _);
        }
    }

    /// <summary>Puts a driver in the place of that of its name, or behind the others. One caller at a time.</summary>
    public void Put(DriverWatch watch)
    {
        var drivers = _drivers.ToList();
        var at = drivers.FindIndex(known => known.Driver.Name == watch.Driver.Name);
        if (at < 0)
            drivers.Add(watch);
        else
            drivers[at] = watch;
        _drivers = drivers;
    }

    /// <summary>Takes a driver out. One caller at a time.</summary>
    public void Remove(string driver) => _drivers = [.. _drivers.Where(watch => watch.Driver.Name != driver)];

    /// <summary>The enabled driver that has a device.</summary>
    /// <exception cref="FaultException">The driver is not enabled on this host, or it has no such device.</exception>
    public DriverWatch DriverOf(string driver, DriverControlPath device, string hostName)
    {
        var watch = DriverNamed(driver, hostName);
        return watch.MayHave(device)
            ? watch
            : throw new FaultException(FaultCode.DeviceNotFound, $"The driver {driver} has no device {device.CpidInfo} on host {hostName}.");
    }

    /// <summary>An enabled driver.</summary>
    /// <exception cref="FaultException">It is not enabled on this host.</exception>
    public DriverWatch DriverNamed(string driver, string hostName) =>
        _drivers.FirstOrDefault(watch => watch.Driver.Name == driver)
        ?? throw new FaultException(FaultCode.NotSupportedByDriver, $"The driver {driver} is not enabled on host {hostName}.");

    /// <summary>Takes up what a former start of the agent knew of the drivers that are enabled now.</summary>
    public void Restore(IReadOnlyList<KnownDevices> known)
    {
        foreach (var devices in known)
            _drivers.FirstOrDefault(watch => watch.Driver.Name == devices.Driver)?.Restore(devices);
    }

    /// <summary>What each driver was last able to tell.</summary>
    public IReadOnlyList<KnownDevices> Known() =>
        [.. _drivers.Where(watch => watch.LastGood is not null).Select(watch => new KnownDevices(watch.Driver.Name, watch.LastGood!, watch.Reported))];

    /// <summary>A conductor has accepted the last look. True if that is news for any driver.</summary>
    public bool MarkReported()
    {
        var news = false;
        foreach (var watch in _drivers)
            news |= watch.MarkReported();
        return news;
    }

    /// <summary>Runs all drivers at once; one entry for each, in their order, and whether any driver told other devices than before.</summary>
    public Task<(IReadOnlyList<DriverDiscovery> Found, bool Changed)> RunAsync(CancellationToken cancellationToken) =>
        BetweenLooksAsync(() => LookAsync(_drivers, cancellationToken), cancellationToken);

    private static async Task<(IReadOnlyList<DriverDiscovery> Found, bool Changed)> LookAsync(
        IReadOnlyList<DriverWatch> drivers, CancellationToken cancellationToken)
    {
        var found = await Task.WhenAll(drivers.Select(watch => watch.DiscoverAsync(cancellationToken))).ConfigureAwait(false);
        var claims = new HostClaims();
        var discoveries = new List<DriverDiscovery>();
        var changed = false;
        for (var i = 0; i < found.Length; i++)
        {
            if (found[i] is not { } findings)
            {
                // Its devices are still there as far as anybody knows: no other driver may claim them meanwhile. Those that no conductor knows yet
                // are told now; the others stay as the conductor has them.
                var (known, _) = claims.Claim(drivers[i].LastGood ?? []);
                var untold = drivers[i] is { LastGood: not null, Reported: false };
                discoveries.Add(new DriverDiscovery(drivers[i].Driver.Name, untold ? known : null));
                continue;
            }
            var (devices, problems) = claims.Claim(findings.Devices);
            changed |= drivers[i].Accept(devices, [.. findings.Problems, .. problems]);
            discoveries.Add(new DriverDiscovery(drivers[i].Driver.Name, devices));
        }
        return (discoveries, changed);
    }
}

/// <summary>Keeps a report free of what the conductor would have to refuse: devices that break a rule, and devices or names that an earlier driver
/// has claimed. What it leaves out it tells.</summary>
internal sealed class HostClaims
{
    private readonly HashSet<DriverControlPath> _paths = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>Claims what can be claimed.</summary>
    public (IReadOnlyList<DriverDevice> Devices, IReadOnlyList<DiscoveryProblem> Problems) Claim(IReadOnlyList<DriverDevice> devices)
    {
        var kept = new List<DriverDevice>();
        var problems = new List<DiscoveryProblem>();
        foreach (var device in devices)
        {
            if ((DeviceRules.Fault(device) ?? Conflict(device)) is { } fault)
            {
                problems.Add(new DiscoveryProblem(device.ControlPath.CpidInfo, fault));
                continue;
            }
            _paths.Add(device.ControlPath);
            _names.UnionWith(device.Deployables.Select(deployable => deployable.Name));
            kept.Add(device);
        }
        return (kept, problems);
    }

    private string? Conflict(DriverDevice device)
    {
        if (_paths.Contains(device.ControlPath))
            return "it is reported twice on this host; the first enabled driver has it.";
        return device.Deployables.FirstOrDefault(deployable => _names.Contains(deployable.Name)) is { } taken
            ? $"the name '{taken.Name}' is taken by another device of this host."
            : null;
    }
}
