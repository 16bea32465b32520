using Cyborg.Storage;

namespace Cyborg.Conductor.Cache;

/// <summary>All accelerators at one moment, oldest first, without what their devices add.</summary>
internal sealed class AcceleratorSnapshot
{
    private readonly Dictionary<Guid, StoredAccelerator> _byUuid;

    private AcceleratorSnapshot(IReadOnlyList<StoredAccelerator> accelerators)
    {
        Accelerators = accelerators;
        _byUuid = accelerators.ToDictionary(stored => stored.Accelerator.Uuid);
    }

    public IReadOnlyList<StoredAccelerator> Accelerators { get; }

    public static async Task<AcceleratorSnapshot> LoadAsync(Session session) => new(await AcceleratorStore.AllAsync(session));

    public StoredAccelerator? Find(Guid uuid) => _byUuid.GetValueOrDefault(uuid);
}
