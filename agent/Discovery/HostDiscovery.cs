using Cyborg.Drivers;
using Cyborg.Model;

namespace Cyborg.Agent.Discovery;

/// <summary>One look at the host with all enabled drivers.</summary>
internal sealed class HostDiscovery(IReadOnlyList<DriverWatch> drivers)
{
    /// <summary>The enabled driver that has a device.</summary>
    /// <exception cref="FaultException">The driver is not enabled on this host, or it has no such device.</exception>
    public DriverWatch DriverOf(string driver, DriverControlPath device, string hostName)
    {
        var watch = drivers.FirstOrDefault(watch => watch.Driver.Name == driver)
            ?? throw new FaultException(FaultCode.NotSupportedByDriver, $"The driver {driver} is not enabled on host {hostName}.");
        return watch.MayHave(device)
            ? watch
            : throw new FaultException(FaultCode.DeviceNotFound, $"The driver {driver} has no device {device.CpidInfo} on host {hostName}.");
    }

    /// <summary>Runs all drivers at once; one entry for each, in their order.</summary>
    public async Task<IReadOnlyList<DriverDiscovery>> RunAsync(CancellationToken cancellationToken)
    {
        var found = await Task.WhenAll(drivers.Select(watch => watch.DiscoverAsync(cancellationToken))).ConfigureAwait(false);
        var claims = new HostClaims();
        var discoveries = new List<DriverDiscovery>();
        for (var i = 0; i < found.Length; i++)
        {
            if (found[i] is not { } findings)
            {
                // Its devices are still there as far as anybody knows: no other driver may claim them meanwhile.
                claims.Claim(drivers[i].LastGood ?? []);
                discoveries.Add(new DriverDiscovery(drivers[i].Driver.Name, null));
                continue;
            }
            var (devices, problems) = claims.Claim(findings.Devices);
            drivers[i].Accept(devices, [.. findings.Problems, .. problems]);
            discoveries.Add(new DriverDiscovery(drivers[i].Driver.Name, devices));
        }
        return discoveries;
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
