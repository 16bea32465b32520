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

    /// <summary>Lets something happen to a device; true if the life cycle had an answer to it.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="uuid">The device.</param>
    /// <param name="hostname">Its host, where only that host may say so; null for anybody.</param>
    /// <param name="happened">What happens.</param>
    /// <param name="reason">Why, for a failure.</param>
    public static async Task<bool> ApplyAsync(Session session, Guid uuid, string? hostname, DeviceEvent happened, string? reason = null)
    {
        var from = DeviceStates.From(happened).ToArray();
        var rows = session.Devices.Where(row => row.Uuid == uuid && from.Contains(row.State));
        if (hostname is not null)
            rows = rows.Where(row => row.Hostname == hostname);
        var changed = await rows
            .Set(row => row.State, DeviceStates.To(happened))
            .Set(row => row.StateReason, reason)
            .Set(row => row.UpdatedAt, session.Now)
            .UpdateAsync() == 1;
        if (changed)
            session.MarkChanged(RevisionRow.Devices);
        return changed;
    }

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
