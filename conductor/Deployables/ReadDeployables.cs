using Cyborg.Conductor.Cache;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Conductor.Deployables;

/// <summary>Lists and shows deployables with their attributes, from the cache.</summary>
internal static class ReadDeployables
{
    private static readonly ListOrder<Deployable> Order = new(
        new Dictionary<string, Func<Deployable, object?>>
        {
            ["id"] = deployable => deployable.Id,
            ["uuid"] = deployable => deployable.Uuid,
            ["name"] = deployable => deployable.Name,
            ["num_accelerators"] = deployable => deployable.NumAccelerators,
            ["device_id"] = deployable => deployable.DeviceId,
            ["created_at"] = deployable => deployable.CreatedAt,
            ["updated_at"] = deployable => deployable.UpdatedAt,
        },
        deployable => deployable.CreatedAt);

    public static async Task<DeployableList> ListAsync(ConductorServices services, ListDeployables request, CancellationToken stop)
    {
        var inventory = await services.Cache.VersionedInventoryAsync(stop);
        var deployables = inventory.Value.Deployables.Where(deployable => request.Name is null || deployable.Name == request.Name);
        return new DeployableList(Order.Apply(deployables, request.Options, filtered: request.Name is not null)) { Revision = inventory.Revision };
    }

    public static async Task<Deployable> ShowAsync(ConductorServices services, Guid uuid, CancellationToken stop) =>
        (await services.Cache.InventoryAsync(stop)).FindDeployable(uuid) ?? throw NotFound(uuid);

    public static FaultException NotFound(Guid uuid) => new(FaultCode.DeployableNotFound, $"Deployable not found with uuid={uuid}");
}
