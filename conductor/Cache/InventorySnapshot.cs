using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Cache;

/// <summary>All devices, deployables and attributes at one moment; lists are oldest first.</summary>
internal sealed class InventorySnapshot
{
    private readonly Dictionary<Guid, Device> devices;
    private readonly Dictionary<Guid, Deployable> deployables;
    private readonly Dictionary<Guid, DeployableAttribute> attributes;

    private InventorySnapshot(IReadOnlyList<Device> devices, IReadOnlyList<Deployable> deployables, IReadOnlyList<DeployableAttribute> attributes)
    {
        (Devices, Deployables, Attributes) = (devices, deployables, attributes);
        this.devices = devices.ToDictionary(device => device.Uuid);
        this.deployables = deployables.ToDictionary(deployable => deployable.Uuid);
        this.attributes = attributes.ToDictionary(attribute => attribute.Uuid);
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

    public Device? FindDevice(Guid uuid) => devices.GetValueOrDefault(uuid);

    public Deployable? FindDeployable(Guid uuid) => deployables.GetValueOrDefault(uuid);

    public DeployableAttribute? FindAttribute(Guid uuid) => attributes.GetValueOrDefault(uuid);
}
