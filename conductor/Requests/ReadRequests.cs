using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Requests;

/// <summary>Lists and shows ARQs, each in one statement; whose they are is part of the query.</summary>
internal static class ReadRequests
{
    public static async Task<ArqList> ListAsync(ConductorServices services, ListArqs request, CancellationToken stop) =>
        new(await ArqReads.ListAsync(services.Database, request.Scope, request.InstanceUuid, stop));

    public static async Task<AcceleratorRequest> ShowAsync(ConductorServices services, ShowArq request, CancellationToken stop) =>
        await ArqReads.FindAsync(services.Database, request.Scope, request.Uuid, stop)
        ?? throw RequestFaults.NotFound(request.Uuid);
}
