using Cyborg.Conductor.Inventory;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using Cyborg.Storage.Rows;

namespace Cyborg.Conductor.Accelerators;

/// <summary>The accelerators' part of a report: each new device is one, in the same transaction. A device that was ordered takes the uuid of its order.</summary>
/// <param name="host">The host.</param>
/// <param name="backends">Backends that the agent told; null if it tells none.</param>
internal sealed class ReportedAccelerators(string host, IReadOnlyList<ReportedBackend>? backends)
{
    private readonly HashSet<Guid> _ordered = [];

    /// <summary>The uuids of new devices, in their order. None to three statements.</summary>
    public async Task<IReadOnlyList<Guid>> UuidsAsync(Session session, IReadOnlyList<(string Driver, DriverDevice Device)> added)
    {
        var wished = added.Select(add => AcceleratorFacts.CreatedUuid(add.Device)).ToList();
        if (wished.All(uuid => uuid is null))
            return [.. added.Select(_ => Guid.NewGuid())];
        var orders = (await AcceleratorInventory.OrderedAsync(session, host)).ToDictionary(order => order.Uuid, order => order.Driver);
        var taken = await AcceleratorInventory.TakenUuidsAsync(session, [.. wished.OfType<Guid>()]);
        return [.. added.Zip(wished, (add, uuid) => uuid is { } own && IsFree(own, add.Driver, orders, taken) ? own : Guid.NewGuid())];
    }

    /// <summary>Makes the accelerators of devices that were just inserted, and tells of them. Three statements, and one for each that was ordered.</summary>
    public async Task AddAsync(Session session, IReadOnlyList<(string Driver, DriverDevice Device)> added, IReadOnlyList<DeviceRow> devices, IReadOnlyDictionary<Guid, int> ids)
    {
        List<AcceleratorRow> rows = [.. added.Zip(devices, (add, device) => Row(add.Driver, add.Device, device, ids[device.Uuid]))];
        List<AcceleratorRow> awaited = [.. rows.Where(row => _ordered.Contains(row.Uuid))];
        List<AcceleratorRow> found = [.. rows.Except(awaited)];
        if (awaited.Count > 0)
            await AcceleratorInventory.JoinAsync(session, awaited);
        if (found.Count > 0)
            await AcceleratorInventory.InsertAsync(session, found);
        await AcceleratorEventStore.InsertAsync(session, [.. rows.Select(row => row.Uuid)], AcceleratorEvents.Created, null);
    }

    /// <summary>Brings accelerators up to what has changed of known devices.</summary>
    public async Task ChangeAsync(Session session, InventoryPlan plan)
    {
        if (plan.UpdateDevices.Count > 0)
        {
            await AcceleratorInventory.UpdateFactsAsync(
                session, [.. plan.UpdateDevices.Select(change => (change.Id, change.Facts.Vendor, AcceleratorFacts.ProductId(change.Facts.StdBoardInfo)))]);
        }
        if (plan.AddDeployables.Count + plan.UpdateDeployables.Count + plan.VanishedDeployables.Count
            + plan.AddAttributes.Count + plan.UpdateAttributes.Count + plan.RemoveAttributes.Count > 0)
            await AcceleratorInventory.RefreshSpecsAsync(session, host);
    }

    // An order is its own host's and driver's alone: nobody else takes it by claiming its uuid.
    private bool IsFree(Guid uuid, string driver, Dictionary<Guid, string> orders, HashSet<Guid> taken)
    {
        if (orders.TryGetValue(uuid, out var by))
            return by == driver && _ordered.Add(uuid);
        return taken.Add(uuid);
    }

    private AcceleratorRow Row(string driver, DriverDevice device, DeviceRow row, int id)
    {
        var specs = AcceleratorFacts.Specs(device);
        return new AcceleratorRow
        {
            Uuid = row.Uuid,
            Name = AcceleratorFacts.WishedName(device) ?? row.Uuid.ToString(),
            DeviceId = id,
            Host = host,
            Backend = BackendOf(driver, device.ControlPath),
            Driver = driver,
            DeviceType = specs.DeviceType,
            AccType = specs.AccType(),
            AccCapability = specs.Capability,
            Num = specs.Num,
            Remotable = specs.Remote ? 1 : 0,
            VendorId = device.Vendor,
            ProductId = AcceleratorFacts.ProductId(device.StdBoardInfo),
        };
    }

    private string? BackendOf(string driver, DriverControlPath path)
    {
        List<ReportedBackend> own = [.. (backends ?? []).Where(backend => backend.Driver == driver)];
        return (own.Count == 1 ? own[0] : own.FirstOrDefault(backend => backend.Devices.Contains(path)))?.Backend;
    }
}
