using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using Cyborg.Storage.Rows;

namespace Cyborg.Conductor.Cache;

/// <summary>What this conductor keeps of what is mostly read: devices with their deployables and attributes, and device profiles. ARQs, handles and
/// leases are never kept.</summary>
internal sealed class ReadCache(CyborgDatabase database)
{
    private readonly RevisionCache<InventorySnapshot> _inventory = new(database, RevisionRow.Devices, InventorySnapshot.LoadAsync);
    private readonly RevisionCache<AcceleratorSnapshot> _accelerators = new(database, RevisionRow.Accelerators, AcceleratorSnapshot.LoadAsync);
    private readonly RevisionCache<ProfileSnapshot> _profiles = new(database, RevisionRow.Profiles, ProfileSnapshot.LoadAsync);

    /// <summary>Devices, deployables and attributes as they are now. One statement if nothing has changed; four if something has.</summary>
    public async Task<InventorySnapshot> InventoryAsync(CancellationToken stop) => (await _inventory.ReadAsync(stop)).Value;

    /// <summary>As <see cref="InventoryAsync"/>, with its revision.</summary>
    public Task<Versioned<InventorySnapshot>> VersionedInventoryAsync(CancellationToken stop) => _inventory.ReadAsync(stop);

    /// <summary>Accelerators as they are now, without what their devices add. One statement if nothing has changed; two if something has.</summary>
    public async Task<AcceleratorSnapshot> AcceleratorsAsync(CancellationToken stop) => (await _accelerators.ReadAsync(stop)).Value;

    /// <summary>Device profiles as they are now, with their revision. One statement if nothing has changed; two if something has.</summary>
    public Task<Versioned<ProfileSnapshot>> ProfilesAsync(CancellationToken stop) => _profiles.ReadAsync(stop);

    /// <summary>The revision of what a list is made of, for who keeps the list. One statement, shared by all who wait for it.</summary>
    public async Task<Revision> RevisionAsync(ReadRevision request, CancellationToken stop) => new(request.Kind switch
    {
        ListKind.Inventory => await _inventory.RevisionAsync(stop),
        ListKind.Profiles => await _profiles.RevisionAsync(stop),
        _ => throw new FaultException(FaultCode.InvalidInput, $"There are no lists of kind {request.Kind}."),
    });
}
