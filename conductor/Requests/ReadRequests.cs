using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Requests;

/// <summary>Lists and shows ARQs, each in one statement; whose they are is part of the query.</summary>
internal static class ReadRequests
{
    public static async Task<ArqList> ListAsync(ConductorServices services, ListArqs request, CancellationToken stop) =>
        new(await services.Database.ReadAsync(session => ArqStore.ListAsync(session, request.Scope, request.InstanceUuid), stop));

    public static async Task<AcceleratorRequest> ShowAsync(ConductorServices services, ShowArq request, CancellationToken stop) =>
        await services.Database.ReadAsync(session => ArqStore.FindAsync(session, request.Scope, request.Uuid), stop)
        ?? throw RequestFaults.NotFound(request.Uuid);
}
