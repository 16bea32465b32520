using Cyborg.Model;

namespace Cyborg.Conductor.Inventory;

/// <summary>Compares what a host's drivers found with what the database knows. Pure: it returns a plan and touches nothing.</summary>
/// <remarks>
/// Identities are upstream's (cyborg/conductor/manager.py, drv_device_make_diff): a device by its control path within its driver, a
/// deployable by name, an attribute by key, a handle by the text of its info. Unlike upstream, a driver that failed or is silent never
/// removes another's devices, and nothing that is held is removed.
/// </remarks>
internal static class InventoryDiff
{
    /// <summary>Makes the plan for one host.</summary>
    public static InventoryPlan Compare(IReadOnlyList<KnownDevice> known, IReadOnlyList<DriverDiscovery> found)
    {
        var plan = new InventoryPlan();
        var failed = found.Where(driver => driver.Devices is null).Select(driver => driver.Driver).ToHashSet();
        var pending = known.Where(device => !failed.Contains(device.Driver))
            .ToDictionary(device => (device.Driver, device.Facts.ControlPath));
        // Names are taken in report order; what a failed driver has is taken already.
        var names = known.Where(device => failed.Contains(device.Driver))
            .SelectMany(device => device.Deployables).Select(deployable => deployable.Name).ToHashSet();

        foreach (var driver in found.Where(driver => driver.Devices is not null))
        {
            var seen = new HashSet<DriverControlPath>();
            foreach (var device in driver.Devices!)
            {
                if (Problem(device, seen, names) is { } problem)
                    plan.Problems.Add($"{driver.Driver}: {problem}");
                else
                    CompareDevice(plan, pending, driver.Driver, device);
                // A device that is a stub, or that was refused, is there all the same: it is not to be removed.
                pending.Remove((driver.Driver, device.ControlPath));
            }
        }
        foreach (var device in pending.Values)
            Vanish(plan, device);
        return plan;
    }

    /// <summary>What is wrong with a device, or null; takes its control path and its names if nothing is. The agent has checked it too, but it
    /// may be of another version, and a mistake must cost one device and never the report.</summary>
    private static string? Problem(DriverDevice device, HashSet<DriverControlPath> paths, HashSet<string> names)
    {
        if (DeviceRules.Fault(device) is { } fault)
            return $"{device.ControlPath.CpidInfo}: {fault}";
        if (device.Deployables.FirstOrDefault(deployable => names.Contains(deployable.Name)) is { } taken)
            return $"{device.ControlPath.CpidInfo}: the deployable name '{taken.Name}' is used twice on this host.";
        if (!paths.Add(device.ControlPath))
            return $"{device.ControlPath.CpidInfo}: the control path is reported twice.";
        names.UnionWith(device.Deployables.Select(deployable => deployable.Name));
        return null;
    }

    private static void CompareDevice(
        InventoryPlan plan, Dictionary<(string, DriverControlPath), KnownDevice> pending, string driver, DriverDevice device)
    {
        if (device.Stub)
            return;
        if (!pending.TryGetValue((driver, device.ControlPath), out var known))
        {
            plan.AddDevices.Add((driver, device));
            return;
        }
        if (known.Missing || known.Facts != device with { Deployables = known.Facts.Deployables })
            plan.UpdateDevices.Add((known.Id, device));
        var deployables = known.Deployables.ToDictionary(deployable => deployable.Name);
        foreach (var deployable in device.Deployables)
        {
            if (deployables.Remove(deployable.Name, out var same))
                CompareDeployable(plan, same, deployable, known.ControlPathId);
            else
                plan.AddDeployables.Add((known.Id, known.ControlPathId, deployable));
        }
        foreach (var gone in deployables.Values)
            Vanish(plan, gone);
    }

    private static void CompareDeployable(InventoryPlan plan, KnownDeployable known, DriverDeployable found, int controlPathId)
    {
        if (known.Missing || known.NumAccelerators != found.NumAccelerators || known.DriverName != found.DriverName)
            plan.UpdateDeployables.Add((known.Id, found.NumAccelerators, found.DriverName));

        var attributes = known.Attributes.ToDictionary(attribute => attribute.Key);
        foreach (var attribute in found.Attributes)
        {
            if (!attributes.Remove(attribute.Key, out var same))
                plan.AddAttributes.Add((known.Id, attribute));
            else if (same.Value != attribute.Value)
                plan.UpdateAttributes.Add((same.Id, attribute.Value));
        }
        plan.RemoveAttributes.AddRange(attributes.Values.Select(attribute => attribute.Id));

        var handles = known.Handles.ToDictionary(handle => handle.Info);
        foreach (var handle in found.AttachHandles)
        {
            if (!handles.Remove(handle.Info, out var same))
            {
                plan.AddHandles.Add((known.Id, controlPathId, handle));
                continue;
            }
            if (same.Missing)
                plan.ReturnedHandles.Add(same.Id);
            if (same.HostWork != handle.HostWork)
                plan.UpdateHandles.Add((same.Id, handle.HostWork));
        }
        plan.VanishedHandles.AddRange(handles.Values.Select(handle => handle.Id));
    }

    private static void Vanish(InventoryPlan plan, KnownDevice device)
    {
        plan.VanishedDevices.Add(device.Id);
        foreach (var deployable in device.Deployables)
            Vanish(plan, deployable);
    }

    private static void Vanish(InventoryPlan plan, KnownDeployable deployable)
    {
        plan.VanishedDeployables.Add(deployable.Id);
        plan.VanishedHandles.AddRange(deployable.Handles.Select(handle => handle.Id));
    }
}
