using Cyborg.Model;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage;

/// <summary>A device that its agent is to install.</summary>
/// <param name="Uuid">The device.</param>
/// <param name="Hostname">Its host.</param>
/// <param name="Driver">Entry name of its driver.</param>
/// <param name="ControlPath">Its identity on the host.</param>
public sealed record InstallJob(Guid Uuid, string Hostname, string Driver, DriverControlPath ControlPath);

/// <summary>What Placement is to show of a host, by its number.</summary>
/// <param name="Hostname">The host.</param>
/// <param name="Version">How often it has changed.</param>
public sealed record ProviderVersion(string Hostname, long Version);

/// <summary>Statements on devices.</summary>
public static class DeviceStore
{
    /// <summary>All devices, oldest first. One statement.</summary>
    public static Task<List<Device>> AllAsync(Session session) => session.Devices.OrderBy(row => row.Id).Select(row => new Device
    {
        Id = row.Id,
        Uuid = row.Uuid,
        Type = row.Type,
        Vendor = row.Vendor,
        Model = row.Model,
        StdBoardInfo = row.StdBoardInfo,
        VendorBoardInfo = row.VendorBoardInfo,
        Hostname = row.Hostname,
        State = row.State,
        StateReason = row.StateReason,
        Missing = row.Missing,
        CreatedAt = row.CreatedAt,
        UpdatedAt = row.UpdatedAt,
    }).ToListAsync();

    /// <summary>True if there is such a device. One statement.</summary>
    public static Task<bool> ExistsAsync(Session session, Guid uuid) => session.Devices.AnyAsync(row => row.Uuid == uuid);

    /// <summary>Lets something happen to a device; true if the life cycle had an answer to it. What is told of
    /// it is written with it. Two statements if it had; three if nobody's host is named.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="uuid">The device.</param>
    /// <param name="hostname">Its host, where only that host may say so; null for anybody.</param>
    /// <param name="happened">What happens.</param>
    /// <param name="reason">Why, for a failure.</param>
    public static async Task<bool> ApplyAsync(Session session, Guid uuid, string? hostname, DeviceEvent happened, string? reason = null)
    {
        var from = DeviceStates.From(happened).ToArray();
        var rows = session.Devices.Where(row => row.Uuid == uuid && from.Contains(row.State));
        // A device whose install failed is not made well by a probe: it has still to be installed.
        if (happened == DeviceEvent.ProbeRecovered)
            rows = rows.Where(row => row.Ill);
        if (hostname is not null)
            rows = rows.Where(row => row.Hostname == hostname);
        var changed = await rows
            .Set(row => row.State, DeviceStates.To(happened))
            .Set(row => row.StateReason, reason)
            .Set(row => row.Ill, happened == DeviceEvent.ProbeFailed)
            .Set(row => row.UpdatedAt, session.Now)
            .UpdateAsync() == 1;
        if (!changed)
            return false;
        await AcceleratorEventStore.InsertAsync(session, [uuid], AcceleratorEvents.Of(DeviceStates.To(happened)), reason);
        session.MarkChanged(RevisionRow.Devices);
        session.ProvidersChanged(hostname ?? await session.Devices.Where(row => row.Uuid == uuid).Select(row => row.Hostname).FirstAsync());
        return true;
    }

    /// <summary>The host of a device and the version of what Placement is to show of it, if its agent writes that; null otherwise. One statement.</summary>
    public static Task<ProviderVersion?> ProvidersAsync(Session session, Guid uuid) =>
        (from device in session.Devices
         join host in session.Hosts on device.Hostname equals host.Name
         where device.Uuid == uuid && host.ManagesProviders
         select new ProviderVersion(host.Name, RevisionStore.Providers(host.Name))).FirstOrDefaultAsync();

    /// <summary>The devices of these hosts that wait to be installed. One statement.</summary>
    public static Task<List<InstallJob>> InstallJobsAsync(Session session, IReadOnlyCollection<string> hostnames) =>
        Jobs(session, session.Devices.Where(row => hostnames.Contains(row.Hostname) && !row.Missing)).ToListAsync();

    /// <summary>The job of one device, or null if it does not wait to be installed. One statement.</summary>
    public static Task<InstallJob?> InstallJobAsync(Session session, Guid uuid) =>
        Jobs(session, session.Devices.Where(row => row.Uuid == uuid)).FirstOrDefaultAsync();

    private static IQueryable<InstallJob> Jobs(Session session, IQueryable<DeviceRow> devices) =>
        from device in devices
        where device.State == DeviceState.Installing
        join path in session.ControlPaths on device.Id equals path.DeviceId
        orderby device.Id
        select new InstallJob(device.Uuid, device.Hostname, device.Driver, new DriverControlPath(path.CpidType, path.CpidInfo));
}
