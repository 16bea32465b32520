using Cyborg.Storage;
using Cyborg.Storage.Rows;

namespace Cyborg.Conductor.Cache;

/// <summary>What this conductor keeps of what is mostly read: devices with their deployables and attributes, and device profiles. ARQs, handles and
/// leases are never kept.</summary>
internal sealed class ReadCache(CyborgDatabase database)
{
    private readonly RevisionCache<InventorySnapshot> inventory = new(database, RevisionRow.Devices, InventorySnapshot.LoadAsync);
    private readonly RevisionCache<AcceleratorSnapshot> accelerators = new(database, RevisionRow.Accelerators, AcceleratorSnapshot.LoadAsync);
    private readonly RevisionCache<ProfileSnapshot> profiles = new(database, RevisionRow.Profiles, ProfileSnapshot.LoadAsync);

    /// <summary>Devices, deployables and attributes as they are now. One statement if nothing has changed; four if something has.</summary>
    public Task<InventorySnapshot> InventoryAsync(CancellationToken stop) => inventory.ReadAsync(stop);

    /// <summary>Accelerators as they are now, without what their devices add. One statement if nothing has changed; two if something has.</summary>
    public Task<AcceleratorSnapshot> AcceleratorsAsync(CancellationToken stop) => accelerators.ReadAsync(stop);

    /// <summary>Device profiles as they are now. One statement if nothing has changed; two if something has.</summary>
    public Task<ProfileSnapshot> ProfilesAsync(CancellationToken stop) => profiles.ReadAsync(stop);
}
