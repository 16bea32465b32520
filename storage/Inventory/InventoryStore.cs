using Cyborg.Model;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage;

/// <summary>All rows of one host, as one report compares them.</summary>
/// <param name="Devices">Its devices.</param>
/// <param name="ControlPaths">Their control paths.</param>
/// <param name="Deployables">Their deployables.</param>
/// <param name="Attributes">The deployables' attributes that drivers reported.</param>
/// <param name="Handles">The deployables' attach handles.</param>
public sealed record HostRows(
    IReadOnlyList<DeviceRow> Devices,
    IReadOnlyList<ControlPathRow> ControlPaths,
    IReadOnlyList<DeployableRow> Deployables,
    IReadOnlyList<AttributeRow> Attributes,
    IReadOnlyList<AttachHandleRow> Handles);

/// <summary>Statements of an inventory report. Their number does not depend on how much is reported. Those that change what
/// conductors cache say so, see <see cref="Session.MarkChanged"/>.</summary>
public static class InventoryStore
{
    /// <summary>Loads what is known of a host. Five statements; one if it has no devices.</summary>
    public static async Task<HostRows> LoadAsync(Session session, string hostname)
    {
        var devices = session.Devices.Where(row => row.Hostname == hostname);
        var deviceIds = devices.Select(row => row.Id);
        var deployables = session.Deployables.Where(row => deviceIds.Contains(row.DeviceId));
        var deployableIds = deployables.Select(row => row.Id);
        var found = await devices.OrderBy(row => row.Id).ToListAsync();
        if (found.Count == 0)
            return new HostRows([], [], [], [], []);
        return new HostRows(
            found,
            await session.ControlPaths.Where(row => deviceIds.Contains(row.DeviceId)).ToListAsync(),
            await deployables.OrderBy(row => row.Id).ToListAsync(),
            await session.Attributes.Where(row => deployableIds.Contains(row.DeployableId) && !row.MadeByOperator).OrderBy(row => row.Id).ToListAsync(),
            await session.AttachHandles.Where(row => deployableIds.Contains(row.DeployableId)).OrderBy(row => row.Id).ToListAsync());
    }

    /// <summary>Inserts devices; their keys, by their uuids.</summary>
    public static Task<Dictionary<Guid, int>> InsertDevicesAsync(Session session, IReadOnlyCollection<DeviceRow> rows)
    {
        List<Guid> uuids = [.. rows.Select(row => row.Uuid)];
        return session.InsertKeysAsync(
            rows, () => session.Devices.Where(row => uuids.Contains(row.Uuid)).ToDictionaryAsync(row => row.Uuid, row => row.Id));
    }

    /// <summary>Inserts control paths; their keys, by their uuids.</summary>
    public static Task<Dictionary<Guid, int>> InsertControlPathsAsync(Session session, IReadOnlyCollection<ControlPathRow> rows)
    {
        List<Guid> uuids = [.. rows.Select(row => row.Uuid)];
        return session.InsertKeysAsync(
            rows, () => session.ControlPaths.Where(row => uuids.Contains(row.Uuid)).ToDictionaryAsync(row => row.Uuid, row => row.Id));
    }

    /// <summary>Inserts deployables; their keys, by their uuids.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.Conflict"/>: another host has a deployable of such a name.</exception>
    public static async Task<Dictionary<Guid, int>> InsertDeployablesAsync(Session session, IReadOnlyCollection<DeployableRow> rows)
    {
        List<Guid> uuids = [.. rows.Select(row => row.Uuid)];
        try
        {
            session.MarkChanged(RevisionRow.Devices);
            return await session.InsertKeysAsync(
                rows, () => session.Deployables.Where(row => uuids.Contains(row.Uuid)).ToDictionaryAsync(row => row.Uuid, row => row.Id));
        }
        catch (Exception error) when (Violations.IsUniqueViolation(error, Violations.DeployableProvider))
        {
            throw new FaultException(
                FaultCode.Conflict, "A deployable that this host reports has the name of another host's; names must be unique in the cloud.", error);
        }
    }

    /// <summary>Writes the facts of devices and takes the flag <c>missing</c> from them. One statement.</summary>
    public static Task<int> UpdateDevicesAsync(Session session, IReadOnlyCollection<DeviceRow> facts) => MarkAsync(
        session,
        (from device in session.Devices
         join fact in facts.Select(row => new { row.Id, row.Type, row.Vendor, row.Model, row.StdBoardInfo, row.VendorBoardInfo }).AsQueryable(session)
             on device.Id equals fact.Id
         select new { device, fact })
        .UpdateAsync(
            pair => pair.device,
            pair => new DeviceRow
            {
                Type = pair.fact.Type,
                Vendor = pair.fact.Vendor,
                Model = pair.fact.Model,
                StdBoardInfo = pair.fact.StdBoardInfo,
                VendorBoardInfo = pair.fact.VendorBoardInfo,
                Missing = false,
                UpdatedAt = session.Now,
            }));

    /// <summary>Writes the facts of deployables and takes the flag <c>missing</c> from them. One statement.</summary>
    public static Task<int> UpdateDeployablesAsync(Session session, IReadOnlyCollection<(int Id, int NumAccelerators, string? DriverName)> facts) => MarkAsync(
        session,
        (from deployable in session.Deployables
         join fact in facts.Select(row => new { row.Id, row.NumAccelerators, row.DriverName }).AsQueryable(session) on deployable.Id equals fact.Id
         select new { deployable, fact })
        .UpdateAsync(
            pair => pair.deployable,
            pair => new DeployableRow
            {
                NumAccelerators = pair.fact.NumAccelerators,
                DriverName = pair.fact.DriverName,
                Missing = false,
                UpdatedAt = session.Now,
            }));

    /// <summary>Writes the values of attributes. One statement.</summary>
    public static Task<int> UpdateAttributesAsync(Session session, IReadOnlyCollection<(int Id, string Value)> values) => MarkAsync(
        session,
        (from attribute in session.Attributes
         join value in values.Select(row => new { row.Id, row.Value }).AsQueryable(session) on attribute.Id equals value.Id
         select new { attribute, value })
        .UpdateAsync(pair => pair.attribute, pair => new AttributeRow { Value = pair.value.Value, UpdatedAt = session.Now }));

    /// <summary>Deletes attributes. One statement.</summary>
    public static Task<int> DeleteAttributesAsync(Session session, IReadOnlyCollection<int> ids) =>
        MarkAsync(session, session.Attributes.Where(row => ids.Contains(row.Id)).DeleteAsync());

    /// <summary>Marks handles that are back on their host. One statement.</summary>
    public static Task<int> ReturnHandlesAsync(Session session, IReadOnlyCollection<int> ids) =>
        session.AttachHandles.Where(row => ids.Contains(row.Id))
            .Set(row => row.Missing, false).Set(row => row.UpdatedAt, session.Now).UpdateAsync();

    /// <summary>Notes whether handles need work on the host. Only free ones are changed: a handle is given back the way it was taken. One
    /// statement; returns how many were free.</summary>
    public static Task<int> UpdateHandlesAsync(Session session, IReadOnlyCollection<(int Id, bool HostWork)> facts) =>
        (from handle in session.AttachHandles
         join fact in facts.Select(row => new { row.Id, row.HostWork }).AsQueryable(session) on handle.Id equals fact.Id
         where handle.State == AttachHandleState.Free
         select new { handle, fact })
        .UpdateAsync(pair => pair.handle, pair => new AttachHandleRow { HostWork = pair.fact.HostWork, UpdatedAt = session.Now });

    /// <summary>Deletes handles that are free and marks the others missing. Two statements; the condition is in the statement, so that a bind
    /// that comes between loses nothing. Returns how many are gone.</summary>
    public static async Task<int> RemoveHandlesAsync(Session session, IReadOnlyCollection<int> ids)
    {
        var gone = await session.AttachHandles.Where(row => ids.Contains(row.Id) && row.State == AttachHandleState.Free).DeleteAsync();
        await session.AttachHandles.Where(row => ids.Contains(row.Id) && !row.Missing)
            .Set(row => row.Missing, true).Set(row => row.UpdatedAt, session.Now).UpdateAsync();
        return gone;
    }

    /// <summary>Deletes deployables that have no handle left, with their attributes. Two statements; returns how many are gone.</summary>
    public static async Task<int> DeleteDeployablesAsync(Session session, IReadOnlyCollection<int> ids)
    {
        var gone = session.Deployables
            .Where(row => ids.Contains(row.Id) && !session.AttachHandles.Any(handle => handle.DeployableId == row.Id));
        var goneIds = gone.Select(row => row.Id);
        await session.Attributes.Where(row => goneIds.Contains(row.DeployableId)).DeleteAsync();
        return await MarkAsync(session, gone.DeleteAsync());
    }

    /// <summary>Deletes devices that have no deployable left, with their accelerators and control paths. Four statements; returns how many are
    /// gone.</summary>
    public static async Task<int> DeleteDevicesAsync(Session session, IReadOnlyCollection<int> ids)
    {
        var gone = session.Devices
            .Where(row => ids.Contains(row.Id) && !session.Deployables.Any(deployable => deployable.DeviceId == row.Id));
        var goneIds = gone.Select(row => row.Id);
        await AcceleratorInventory.RemoveAsync(session, goneIds);
        await session.ControlPaths.Where(row => goneIds.Contains(row.DeviceId)).DeleteAsync();
        return await MarkAsync(session, gone.DeleteAsync());
    }

    /// <summary>Marks those of these deployables missing that are there. One statement.</summary>
    public static Task<int> MissDeployablesAsync(Session session, IReadOnlyCollection<int> ids) =>
        MarkAsync(session, session.Deployables.Where(row => ids.Contains(row.Id) && !row.Missing)
            .Set(row => row.Missing, true).Set(row => row.UpdatedAt, session.Now).UpdateAsync());

    /// <summary>Marks those of these devices missing that are there. One statement.</summary>
    public static Task<int> MissDevicesAsync(Session session, IReadOnlyCollection<int> ids) =>
        MarkAsync(session, session.Devices.Where(row => ids.Contains(row.Id) && !row.Missing)
            .Set(row => row.Missing, true).Set(row => row.UpdatedAt, session.Now).UpdateAsync());

    private static async Task<int> MarkAsync(Session session, Task<int> change)
    {
        var rows = await change;
        if (rows > 0)
            session.MarkChanged(RevisionRow.Devices);
        return rows;
    }
}
