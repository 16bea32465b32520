using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Conductor.Drivers;

/// <summary>Lists the drivers of the hosts, as their agents have told them. One statement.</summary>
internal static class ReadDrivers
{
    /// <exception cref="FaultException"><see cref="FaultCode.DriverNotFound"/>: a driver is named, and no host has it.</exception>
    public static async Task<DriverList> ListAsync(ConductorServices services, ListDrivers request, CancellationToken stop)
    {
        var hosts = await services.Database.ReadAsync(session => DriverHosts.LoadAsync(session, services.Options.LeaseTimeout), stop);
        var drivers = hosts.Where(host => request.Host is null || host.Name == request.Host).SelectMany(host => host.Drivers(request.Id)).ToList();
        return request.Id is { } id && drivers.Count == 0 ? throw DriverHosts.NotFound(id, request.Host) : new DriverList(drivers);
    }
}
