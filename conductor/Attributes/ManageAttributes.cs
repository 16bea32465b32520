using Cyborg.Conductor.Deployables;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Attributes;

/// <summary>Lists, shows, makes and deletes attributes. What an operator makes, reports leave alone.</summary>
internal static class ManageAttributes
{
    public static async Task<AttributeList> ListAsync(ConductorServices services, ListAttributes request, CancellationToken stop)
    {
        var inventory = await services.Cache.VersionedInventoryAsync(stop);
        var attributes = inventory.Value.Attributes.Where(attribute =>
            (request.DeployableId is null || attribute.DeployableId == request.DeployableId)
            && (request.Key is null || attribute.Key == request.Key));
        return new AttributeList([.. attributes]) { Revision = inventory.Revision };
    }

    public static async Task<DeployableAttribute> ShowAsync(ConductorServices services, ById request, CancellationToken stop) =>
        (await services.Cache.InventoryAsync(stop)).FindAttribute(request.Uuid) ?? throw NotFound(request.Uuid);

    public static Task<DeployableAttribute> CreateAsync(ConductorServices services, CreateAttribute request, CallContext call, CancellationToken stop) =>
        services.Mutations.OnceAsync(
            Verbs.CreateAttribute,
            call,
            async session =>
            {
                var attribute = new DeployableAttribute
                {
                    Uuid = Guid.NewGuid(),
                    DeployableId = request.DeployableId
                        ?? await DeployableStore.FindIdAsync(session, request.DeployableUuid!.Value)
                        ?? throw ReadDeployables.NotFound(request.DeployableUuid.Value),
                    Key = request.Key,
                    Value = request.Value,
                    MadeByOperator = true,
                    CreatedAt = session.Now,
                };
                return await AttributeStore.InsertAsync(session, attribute)
                    ? attribute
                    : throw new FaultException(FaultCode.DeployableNotFound, $"Deployable not found with id={attribute.DeployableId}");
            },
            stop);

    public static Task<Done> DeleteAsync(ConductorServices services, ById request, CallContext call, CancellationToken stop) =>
        services.Mutations.OnceAsync(
            Verbs.DeleteAttribute,
            call,
            async session => await AttributeStore.DeleteAsync(session, request.Uuid) ? Done.Instance : throw NotFound(request.Uuid),
            stop);

    private static FaultException NotFound(Guid uuid) => new(FaultCode.AttributeNotFound, $"Attribute not found with uuid={uuid}");
}
