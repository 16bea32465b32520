using System.Linq.Expressions;
using Cyborg.Model;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage;

/// <summary>How a list is cut and sorted.</summary>
/// <param name="Filtered">True if any filter was given: the default order is then newest first, as upstream's is.</param>
/// <param name="Limit">At most so many rows; null for all.</param>
/// <param name="SortKey">Name of a column; null for the default order.</param>
/// <param name="Descending">Direction of <paramref name="SortKey"/>.</param>
public sealed record ListOrder(bool Filtered, int? Limit, string? SortKey, bool Descending)
{
    internal IQueryable<TRow> Apply<TRow>(IQueryable<TRow> rows, IReadOnlyDictionary<string, Expression<Func<TRow, object?>>> keys) where TRow : Row
    {
        if (SortKey is not null && !keys.ContainsKey(SortKey))
            throw new FaultException(FaultCode.InvalidInput, $"Cannot sort by '{SortKey}': use one of {string.Join(", ", keys.Keys.Order())}.");
        var sorted = (SortKey, Filtered) switch
        {
            ({ } key, _) when Descending => rows.OrderByDescending(keys[key]).ThenBy(row => row.Id),
            ({ } key, _) => rows.OrderBy(keys[key]).ThenBy(row => row.Id),
            (null, true) => rows.OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id),
            (null, false) => rows.OrderBy(row => row.Id),
        };
        return Limit is { } limit ? sorted.Take(limit) : sorted;
    }
}

/// <summary>A device that its agent is to install.</summary>
/// <param name="Uuid">The device.</param>
/// <param name="Hostname">Its host.</param>
/// <param name="Driver">Entry name of its driver.</param>
/// <param name="ControlPath">Its identity on the host.</param>
public sealed record InstallJob(Guid Uuid, string Hostname, string Driver, DriverControlPath ControlPath);

/// <summary>Statements on devices.</summary>
public static class DeviceStore
{
    private static readonly Dictionary<string, Expression<Func<DeviceRow, object?>>> SortKeys = new()
    {
        ["id"] = row => row.Id,
        ["uuid"] = row => row.Uuid,
        ["type"] = row => row.Type,
        ["vendor"] = row => row.Vendor,
        ["model"] = row => row.Model,
        ["hostname"] = row => row.Hostname,
        ["created_at"] = row => row.CreatedAt,
        ["updated_at"] = row => row.UpdatedAt,
    };

    /// <summary>Devices that match every given filter exactly. One statement.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.InvalidInput"/>: no such sort key.</exception>
    public static Task<List<Device>> ListAsync(Session session, string? type, string? vendor, string? hostname, ListOrder order)
    {
        IQueryable<DeviceRow> rows = session.Devices;
        if (type is not null)
        {
            // Compared in memory: a word that is no type matches nothing, and the database's enum is not asked about it.
            if (!Enum.TryParse<DeviceType>(type, out var wanted) || wanted.ToString() != type)
                rows = rows.Where(_ => false);
            else
                rows = rows.Where(row => row.Type == wanted);
        }
        if (vendor is not null)
            rows = rows.Where(row => row.Vendor == vendor);
        if (hostname is not null)
            rows = rows.Where(row => row.Hostname == hostname);
        return Shown(order.Apply(rows, SortKeys)).ToListAsync();
    }

    /// <summary>One device, or null. One statement.</summary>
    public static Task<Device?> FindAsync(Session session, Guid uuid) =>
        Shown(session.Devices.Where(row => row.Uuid == uuid)).FirstOrDefaultAsync();

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
        return await rows
            .Set(row => row.State, DeviceStates.To(happened))
            .Set(row => row.StateReason, reason)
            .Set(row => row.UpdatedAt, session.Now)
            .UpdateAsync() == 1;
    }

    /// <summary>The devices of a host that wait to be installed. One statement.</summary>
    public static Task<List<InstallJob>> InstallJobsAsync(Session session, string hostname) =>
        Jobs(session, session.Devices.Where(row => row.Hostname == hostname && !row.Missing)).ToListAsync();

    /// <summary>The job of one device, or null if it does not wait to be installed. One statement.</summary>
    public static Task<InstallJob?> InstallJobAsync(Session session, Guid uuid) =>
        Jobs(session, session.Devices.Where(row => row.Uuid == uuid)).FirstOrDefaultAsync();

    private static IQueryable<InstallJob> Jobs(Session session, IQueryable<DeviceRow> devices) =>
        from device in devices
        where device.State == DeviceState.Installing
        join path in session.ControlPaths on device.Id equals path.DeviceId
        orderby device.Id
        select new InstallJob(device.Uuid, device.Hostname, device.Driver, new DriverControlPath(path.CpidType, path.CpidInfo));

    private static IQueryable<Device> Shown(IQueryable<DeviceRow> rows) => rows.Select(row => new Device
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
    });
}
