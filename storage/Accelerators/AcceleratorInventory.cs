using Cyborg.Model;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage;

/// <summary>An accelerator that is ordered on a host and has no device yet.</summary>
/// <param name="Uuid">Its identity.</param>
/// <param name="Driver">Entry name of its driver.</param>
public sealed record OrderedAccelerator(Guid Uuid, string Driver);

/// <summary>Statements by which reports of devices make, change and remove accelerators. Their number does not depend on how much is reported.</summary>
public static class AcceleratorInventory
{
    /// <summary>What is ordered on a host. One statement.</summary>
    public static Task<List<OrderedAccelerator>> OrderedAsync(Session session, string hostname) =>
        session.Accelerators.Where(row => row.Host == hostname && row.DeviceId == null)
            .Select(row => new OrderedAccelerator(row.Uuid, row.Driver!)).ToListAsync();

    /// <summary>Which of these uuids a device or an accelerator has. Two statements.</summary>
    public static async Task<HashSet<Guid>> TakenUuidsAsync(Session session, IReadOnlyCollection<Guid> uuids) =>
    [
        .. await session.Accelerators.Where(row => uuids.Contains(row.Uuid)).Select(row => row.Uuid).ToListAsync(),
        .. await session.Devices.Where(row => uuids.Contains(row.Uuid)).Select(row => row.Uuid).ToListAsync(),
    ];

    /// <summary>Gives devices that were ordered to their accelerators. One statement for each.</summary>
    public static async Task JoinAsync(Session session, IReadOnlyCollection<AcceleratorRow> found)
    {
        foreach (var device in found)
        {
            await session.Accelerators.Where(row => row.Uuid == device.Uuid && row.DeviceId == null)
                .Set(row => row.DeviceId, device.DeviceId)
                .Set(row => row.VendorId, device.VendorId)
                .Set(row => row.ProductId, device.ProductId)
                .Set(row => row.Backend, row => row.Backend ?? device.Backend)
                .Set(row => row.State, (string?)null)
                .Set(row => row.StateReason, (string?)null)
                .Set(row => row.UpdatedAt, session.Now)
                .UpdateAsync();
        }
        session.MarkChanged(RevisionRow.Accelerators);
    }

    /// <summary>Inserts the accelerators of devices that were found; a name that somebody has gets a suffix. Two statements.</summary>
    public static async Task InsertAsync(Session session, IReadOnlyCollection<AcceleratorRow> found)
    {
        List<string> wished = [.. found.Select(row => row.Name)];
        HashSet<string> taken = [.. await session.Accelerators.Where(row => wished.Contains(row.Name)).Select(row => row.Name).ToListAsync()];
        foreach (var row in found.Where(row => !taken.Add(row.Name)))
            row.Name = AcceleratorFacts.Distinguished(row.Name, row.Uuid);
        try
        {
            await session.InsertAllAsync(found);
        }
        catch (Exception error) when (Violations.IsUniqueViolation(error, Violations.AcceleratorName))
        {
            throw new FaultException(FaultCode.Conflict, "A new accelerator's name was taken just now; the next report finds another.", error);
        }
        session.MarkChanged(RevisionRow.Accelerators);
    }

    /// <summary>Writes vendor and product of devices whose facts have changed. One statement for each.</summary>
    public static async Task UpdateFactsAsync(Session session, IReadOnlyCollection<(int DeviceId, string Vendor, string? Product)> facts)
    {
        foreach (var (device, vendor, product) in facts)
        {
            var changed = await session.Accelerators
                .Where(row => row.DeviceId == device && (row.VendorId != vendor || row.ProductId != product || (row.ProductId == null) != (product == null)))
                .Set(row => row.VendorId, vendor).Set(row => row.ProductId, product).Set(row => row.UpdatedAt, session.Now).UpdateAsync();
            if (changed > 0)
                session.MarkChanged(RevisionRow.Accelerators);
        }
    }

    /// <summary>Brings the specs that nobody has changed up to what the host's drivers say now. Three statements, and one for each that differs.</summary>
    public static async Task RefreshSpecsAsync(Session session, string hostname)
    {
        var rows = await (from row in session.Accelerators
                          join device in session.Devices on row.DeviceId equals device.Id
                          where device.Hostname == hostname && row.Generation == 0
                          select new { row, device.Type }).ToListAsync();
        if (rows.Count == 0)
            return;
        var deployables = await (from deployable in session.Deployables
                                 join device in session.Devices on deployable.DeviceId equals device.Id
                                 where device.Hostname == hostname && !deployable.Missing
                                 select new { deployable.DeviceId, deployable.NumAccelerators }).ToListAsync();
        var keys = AcceleratorFacts.SpecKeys;
        var attributes = await (from attribute in session.Attributes
                                join deployable in session.Deployables on attribute.DeployableId equals deployable.Id
                                join device in session.Devices on deployable.DeviceId equals device.Id
                                where device.Hostname == hostname && keys.Contains(attribute.Key)
                                orderby attribute.Id
                                select new { DeviceId = device.Id, attribute.Key, attribute.Value }).ToListAsync();
        var numbers = deployables.ToLookup(found => found.DeviceId, found => found.NumAccelerators);
        var facts = attributes.ToLookup(found => found.DeviceId, found => new DriverAttribute(found.Key, found.Value));
        foreach (var found in rows.Where(found => numbers[found.row.DeviceId!.Value].Any()))
        {
            var device = found.row.DeviceId!.Value;
            var specs = AcceleratorFacts.Specs(found.Type, numbers[device].Sum(), [.. facts[device]]);
            if (specs != AcceleratorStore.Specs(found.row))
                await WriteAsync(session, found.row.Id, specs);
        }
    }

    /// <summary>Deletes the accelerators of devices that are about to be deleted, and tells so. Two statements.</summary>
    internal static async Task RemoveAsync(Session session, IQueryable<int> devices)
    {
        var gone = session.Accelerators.Where(row => devices.Contains(row.DeviceId!.Value));
        await AcceleratorEventStore.InsertAsync(session, gone, AcceleratorEvents.Deleted, null);
        if (await gone.DeleteAsync() > 0)
            session.MarkChanged(RevisionRow.Accelerators);
    }

    private static async Task WriteAsync(Session session, int id, AccSpecs specs)
    {
        var written = await session.Accelerators.Where(row => row.Id == id && row.Generation == 0)
            .Set(row => row.DeviceType, specs.DeviceType)
            .Set(row => row.AccType, specs.AccType())
            .Set(row => row.AccCapability, specs.Capability)
            .Set(row => row.Num, specs.Num)
            .Set(row => row.Remotable, specs.Remote ? 1 : 0)
            .UpdateAsync();
        if (written > 0)
            session.MarkChanged(RevisionRow.Accelerators);
    }
}
