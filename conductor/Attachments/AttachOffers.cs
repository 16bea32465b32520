using Cyborg.Conductor.Accelerators;
using Cyborg.Conductor.Cache;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Attachments;

/// <summary>Looks what could be attached: accelerators, their states, and their deployables with what is free of them. Six statements at most, whatever
/// their number.</summary>
internal sealed class AttachOffers(CyborgDatabase database, ReadCache cache)
{
    /// <summary>Accelerators, oldest first.</summary>
    /// <param name="only">This one alone; null for all.</param>
    /// <param name="group">What a device profile asks for; deployables that do not fit are left out. Null for any.</param>
    /// <param name="stop">Gives up.</param>
    public async Task<IReadOnlyList<AttachCandidate>> FindAsync(Guid? only, ProfileGroup? group, CancellationToken stop)
    {
        var stored = (await cache.AcceleratorsAsync(stop)).Accelerators.Where(one => only is null || one.Accelerator.Uuid == only).ToList();
        var inventory = await cache.InventoryAsync(stop);
        List<int> devices = [.. stored.Select(one => one.DeviceId).OfType<int>()];
        var (handles, offered) = await database.ReadAsync(
            async session => (await AcceleratorStore.HandlesAsync(session, devices), await AttachmentStore.OfferedAsync(session, devices)), stop);
        var counts = handles.ToDictionary(count => count.DeviceId);
        var known = inventory.Deployables.ToDictionary(deployable => deployable.Id);
        var byDevice = offered.Where(one => known.ContainsKey(one.Id)).Select(one => one with { ResourceClass = Class(known[one.Id]) })
            .Where(one => group is null || AttachChoice.Fits(group, known[one.Id].Attributes, one.FunctionTrait))
            .ToLookup(one => one.DeviceId);
        // What is being attached is told apart elsewhere: here it only matters what is free.
        var views = new AcceleratorViews(inventory, []);
        return
        [
            .. stored.Where(views.IsThere).Select(one => new AttachCandidate(
                views.Show(one, one.DeviceId is { } device ? counts.GetValueOrDefault(device) : null),
                one.DeviceId is { } id ? [.. byDevice[id]] : [])),
        ];
    }

    private static string? Class(Deployable deployable) =>
        deployable.Attributes.FirstOrDefault(attribute => attribute.Key == "rc") is { } rc && PlacementNames.IsResourceClass(rc.Value) ? rc.Value : null;
}
