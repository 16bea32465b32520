using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Drivers;

/// <summary>A host, and what its agent has told of its drivers.</summary>
/// <param name="Name">The host.</param>
/// <param name="Live">True while its agent is heard.</param>
/// <param name="Told">What it told.</param>
internal sealed record DriverHost(string Name, bool Live, HostDrivers Told)
{
    /// <summary>Its drivers, or the one of that name.</summary>
    public IEnumerable<HostDriver> Drivers(string? id = null) =>
        from driver in Told.Drivers
        where id is null || driver.Id == id
        select new HostDriver(
            driver.Id, Name, driver.Version, Live, driver.Error, [.. Told.Backends.Where(backend => backend.Driver == driver.Id)]);

    public bool Has(string driver) => Told.Drivers.Any(known => known.Id == driver);
}

/// <summary>Hosts with their drivers, and which of them is meant. Pure, but for the one statement that loads them.</summary>
internal static class DriverHosts
{
    private const int Named = 5;

    /// <summary>Hosts whose agents have told of their drivers, by name. One statement.</summary>
    public static async Task<List<DriverHost>> LoadAsync(Session session, TimeSpan leaseTimeout) =>
        [.. (await AcceleratorStore.BackendHostsAsync(session, leaseTimeout)).Select(host => new DriverHost(host.Name, host.Live, HostTale.Read(host.Backends)))];

    /// <summary>The host to install a driver on.</summary>
    /// <param name="hosts">All hosts.</param>
    /// <param name="id">The driver.</param>
    /// <param name="wanted">The host that is named; null for the only one whose agent is heard.</param>
    /// <exception cref="FaultException"><see cref="FaultCode.Conflict"/>: the driver is there, several hosts come into question, or the agent is not heard;
    /// <see cref="FaultCode.DriverNotFound"/>: there is no such host.</exception>
    public static DriverHost ToInstall(IReadOnlyList<DriverHost> hosts, string id, string? wanted)
    {
        var host = wanted is null ? Only([.. hosts.Where(known => known.Live)], "No host's agent is heard now.", "Several hosts can install drivers") : Find(hosts, wanted);
        if (host.Has(id))
            throw Conflict($"Host {host.Name} has a driver {id}: update it, or uninstall it first.");
        return Heard(host);
    }

    /// <summary>The host whose driver is to be updated or uninstalled.</summary>
    /// <param name="hosts">All hosts.</param>
    /// <param name="id">The driver.</param>
    /// <param name="wanted">The host that is named; null for the only one that has it from a package.</param>
    /// <exception cref="FaultException">As for <see cref="ToInstall"/>; <see cref="FaultCode.DriverNotFound"/> also if there is no such driver.</exception>
    public static DriverHost Having(IReadOnlyList<DriverHost> hosts, string id, string? wanted)
    {
        if (!hosts.Any(known => known.Has(id)))
            throw NotFound(id, null);
        if (wanted is not null)
            return Heard(Find(hosts, wanted) is var named && named.Has(id) ? named : throw NotFound(id, wanted));
        var packaged = hosts.Where(known => known.Told.Drivers.Any(driver => driver.Id == id && driver.Version is not null)).ToList();
        return Heard(Only(packaged, $"The driver {id} comes with the agents: [agent] enabled_drivers says where it is used.", $"Several hosts have the driver {id}"));
    }

    public static FaultException NotFound(string id, string? host) =>
        new(FaultCode.DriverNotFound, $"Driver not found with id={id}{(host is null ? "" : $" on host {host}")}");

    public static FaultException NoHost(string host) => new(FaultCode.DriverNotFound, $"No agent of a host {host} has told of its drivers.");

    private static DriverHost Find(IReadOnlyList<DriverHost> hosts, string name) => hosts.FirstOrDefault(host => host.Name == name) ?? throw NoHost(name);

    private static DriverHost Only(List<DriverHost> hosts, string none, string several) => hosts.Count switch
    {
        1 => hosts[0],
        0 => throw Conflict(none),
        _ => throw Conflict($"{several}: {string.Join(", ", hosts.Take(Named).Select(host => host.Name))}{(hosts.Count > Named ? ", ..." : "")}. Name one with \"host\"."),
    };

    private static DriverHost Heard(DriverHost host) => host.Live ? host : throw Conflict($"The agent of host {host.Name} is not heard now.");

    private static FaultException Conflict(string message) => new(FaultCode.Conflict, message);
}
