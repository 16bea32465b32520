using Cyborg.Conductor.Devices;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Deployables;

/// <summary>Lists and shows deployables with their attributes, each in two statements of one snapshot.</summary>
internal static class ReadDeployables
{
    public static async Task<DeployableList> ListAsync(ConductorServices services, ListDeployables request, CancellationToken stop)
    {
        var order = Ordering.From(request.Options, request.Name is not null);
        return new(await services.Database.ReadSnapshotAsync(session => DeployableStore.ListAsync(session, request.Name, order), stop));
    }

    public static async Task<Deployable> ShowAsync(ConductorServices services, Guid uuid, CancellationToken stop) =>
        await services.Database.ReadSnapshotAsync(session => DeployableStore.FindAsync(session, uuid), stop) ?? throw NotFound(uuid);

    public static FaultException NotFound(Guid uuid) => new(FaultCode.DeployableNotFound, $"Deployable not found with uuid={uuid}");
}
