using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Cache;

/// <summary>All devices, deployables and attributes at one moment; lists are oldest first.</summary>
internal sealed class InventorySnapshot
{
    private readonly Dictionary<Guid, Device> _devices;
    private readonly Dictionary<Guid, Deployable> _deployables;
    private readonly Dictionary<Guid, DeployableAttribute> _attributes;

    private InventorySnapshot(IReadOnlyList<Device> devices, IReadOnlyList<Deployable> deployables, IReadOnlyList<DeployableAttribute> attributes)
    {
        (Devices, Deployables, Attributes) = (devices, deployables, attributes);
        _devices = devices.ToDictionary(device => device.Uuid);
        _deployables = deployables.ToDictionary(deployable => deployable.Uuid);
        _attributes = attributes.ToDictionary(attribute => attribute.Uuid);
    }

    public IReadOnlyList<Device> Devices { get; }

    public IReadOnlyList<Deployable> Deployables { get; }

    public IReadOnlyList<DeployableAttribute> Attributes { get; }

    public static async Task<InventorySnapshot> LoadAsync(Session session)
    {
        var attributes = await AttributeStore.AllAsync(session);
        var deployables = await DeployableStore.AllAsync(session, attributes.ToLookup(attribute => attribute.DeployableId));
        return new InventorySnapshot(await DeviceStore.AllAsync(session), deployables, attributes);
    }

    public Device? FindDevice(Guid uuid) => _devices.GetValueOrDefault(uuid);

    public Deployable? FindDeployable(Guid uuid) => _deployables.GetValueOrDefault(uuid);

    public DeployableAttribute? FindAttribute(Guid uuid) => _attributes.GetValueOrDefault(uuid);
}
