using Cyborg.Conductor.Accelerators;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using Cyborg.Storage.Rows;

namespace Cyborg.Conductor.Inventory;

/// <summary>What a report says beside its devices.</summary>
/// <param name="FirstState">State of new devices.</param>
/// <param name="KeepMissing">True if rows of what is missing stay until Placement has let go.</param>
/// <param name="Backends">Backends of the host's drivers; null if its agent does not tell.</param>
internal sealed record ReportTerms(DeviceState FirstState, bool KeepMissing, IReadOnlyList<ReportedBackend>? Backends);

/// <summary>Carries out an <see cref="InventoryPlan"/> in a transaction, in the house's order of locks: devices, deployables, handles. Each step
/// is one statement or two, whatever the plan's length, and none if there is nothing to do.</summary>
/// <remarks>What is held is neither removed nor changed; it is done by a later report, which the host is asked for. Where the agent writes to Placement,
/// what is missing keeps its rows until Placement has let it go: <see cref="Providers.ReportHostProviders"/>.</remarks>
internal static class InventoryChanges
{
    /// <summary>Carries the plan out; true if nothing of it is left to be done.</summary>
    /// <param name="session">The transaction; the host is locked.</param>
    /// <param name="host">The host.</param>
    /// <param name="plan">What to do.</param>
    /// <param name="terms">What else the report says.</param>
    public static async Task<bool> ApplyAsync(Session session, string host, InventoryPlan plan, ReportTerms terms)
    {
        if (plan.IsEmpty)
            return true;
        var accelerators = new ReportedAccelerators(host, terms.Backends);
        if (plan.UpdateDevices.Count > 0)
            await InventoryStore.UpdateDevicesAsync(session, [.. plan.UpdateDevices.Select(change => Row(change.Facts, change.Id))]);
        if (plan.UpdateDeployables.Count > 0)
            await InventoryStore.UpdateDeployablesAsync(session, plan.UpdateDeployables);
        await ChangeAttributesAsync(session, plan);
        var gone = await RemoveAsync(session, plan, terms.KeepMissing);
        var settled = gone == plan.VanishedHandles.Count;
        if (plan.UpdateHandles.Count > 0)
            settled &= await InventoryStore.UpdateHandlesAsync(session, plan.UpdateHandles) == plan.UpdateHandles.Count;
        if (plan.ReturnedHandles.Count > 0)
            await InventoryStore.ReturnHandlesAsync(session, plan.ReturnedHandles);
        await AddAsync(session, host, plan, terms.FirstState, accelerators);
        await accelerators.ChangeAsync(session, plan);
        // A handle that is gone may have been the last thing that kept a missing deployable.
        if (gone > 0 || session.HasChanged(RevisionRow.Devices))
            session.ProvidersChanged(host);
        return settled;
    }

    private static async Task ChangeAttributesAsync(Session session, InventoryPlan plan)
    {
        if (plan.UpdateAttributes.Count > 0)
            await InventoryStore.UpdateAttributesAsync(session, plan.UpdateAttributes);
        if (plan.RemoveAttributes.Count > 0)
            await InventoryStore.DeleteAttributesAsync(session, plan.RemoveAttributes);
    }

    /// <summary>Returns how many handles went.</summary>
    private static async Task<int> RemoveAsync(Session session, InventoryPlan plan, bool keepMissing)
    {
        var gone = plan.VanishedHandles.Count == 0 ? 0 : await InventoryStore.RemoveHandlesAsync(session, plan.VanishedHandles);
        if (plan.VanishedDeployables.Count > 0)
        {
            if (!keepMissing)
                await InventoryStore.DeleteDeployablesAsync(session, plan.VanishedDeployables);
            await InventoryStore.MissDeployablesAsync(session, plan.VanishedDeployables);
        }
        if (plan.VanishedDevices.Count > 0)
        {
            if (!keepMissing)
                await InventoryStore.DeleteDevicesAsync(session, plan.VanishedDevices);
            await InventoryStore.MissDevicesAsync(session, plan.VanishedDevices);
        }
        return gone;
    }

    private static async Task AddAsync(Session session, string host, InventoryPlan plan, DeviceState firstState, ReportedAccelerators accelerators)
    {
        var deployables = plan.AddDeployables.ToList();
        if (plan.AddDevices.Count > 0)
            deployables.AddRange(await AddDevicesAsync(session, host, plan.AddDevices, firstState, accelerators));

        var attributes = plan.AddAttributes.ToList();
        var handles = plan.AddHandles.ToList();
        if (deployables.Count > 0)
        {
            var ids = await AddDeployablesAsync(session, deployables);
            foreach (var ((_, path, deployable), id) in deployables.Zip(ids))
            {
                attributes.AddRange(deployable.Attributes.Select(attribute => (id, attribute)));
                handles.AddRange(deployable.AttachHandles.Select(handle => (id, path, handle)));
            }
        }
        if (plan.AddDevices.Count + attributes.Count > 0)
            session.MarkChanged(RevisionRow.Devices);
        await session.InsertAllAsync([.. attributes.Select(added => new AttributeRow
        {
            Uuid = Guid.NewGuid(),
            DeployableId = added.DeployableId,
            Key = added.Attribute.Key,
            Value = added.Attribute.Value,
        })]);
        await session.InsertAllAsync([.. handles.Select(added => new AttachHandleRow
        {
            Uuid = Guid.NewGuid(),
            DeployableId = added.DeployableId,
            CpidId = added.ControlPathId,
            AttachType = added.Handle.Type,
            AttachInfo = added.Handle.Info,
            HostWork = added.Handle.HostWork,
            State = AttachHandleState.Free,
        })]);
    }

    private static async Task<IEnumerable<(int DeviceId, int ControlPathId, DriverDeployable Deployable)>> AddDevicesAsync(
        Session session, string host, IReadOnlyList<(string Driver, DriverDevice Device)> added, DeviceState firstState, ReportedAccelerators accelerators)
    {
        var uuids = await accelerators.UuidsAsync(session, added);
        List<DeviceRow> devices = [.. added.Zip(uuids, (add, uuid) =>
        {
            var row = Row(add.Device, id: 0);
            row.Uuid = uuid;
            row.Hostname = host;
            row.Driver = add.Driver;
            row.State = firstState;
            return row;
        })];
        var deviceIds = await InventoryStore.InsertDevicesAsync(session, devices);
        await accelerators.AddAsync(session, added, devices, deviceIds);

        List<ControlPathRow> paths = [.. added.Zip(devices, (add, row) => new ControlPathRow
        {
            Uuid = Guid.NewGuid(),
            DeviceId = deviceIds[row.Uuid],
            CpidType = add.Device.ControlPath.CpidType,
            CpidInfo = add.Device.ControlPath.CpidInfo,
        })];
        var pathIds = await InventoryStore.InsertControlPathsAsync(session, paths);
        return added.Zip(paths, (add, path) => add.Device.Deployables.Select(deployable => (path.DeviceId, pathIds[path.Uuid], deployable)))
            .SelectMany(deployables => deployables);
    }

    private static async Task<IEnumerable<int>> AddDeployablesAsync(
        Session session, IReadOnlyList<(int DeviceId, int ControlPathId, DriverDeployable Deployable)> added)
    {
        List<DeployableRow> rows = [.. added.Select(add => new DeployableRow
        {
            Uuid = Guid.NewGuid(),
            Name = add.Deployable.Name,
            NumAccelerators = add.Deployable.NumAccelerators,
            DeviceId = add.DeviceId,
            RpUuid = ProviderIdentity.Uuid(add.Deployable.Name),
            DriverName = add.Deployable.DriverName,
        })];
        var ids = await InventoryStore.InsertDeployablesAsync(session, rows);
        return rows.Select(row => ids[row.Uuid]);
    }

    private static DeviceRow Row(DriverDevice device, int id) => new()
    {
        Id = id,
        Type = device.Type,
        Vendor = device.Vendor,
        Model = device.Model,
        StdBoardInfo = device.StdBoardInfo,
        VendorBoardInfo = device.VendorBoardInfo,
    };
}
