using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Requests;

/// <summary>Deletes ARQs, by uuid or by instance: all in one transaction, or none. A bound one gives its handle back on the way.</summary>
internal static class DeleteRequests
{
    public static Task<Done> ByUuidAsync(ConductorServices services, DeleteArqs request, CallContext call, CancellationToken stop)
    {
        var uuids = request.Uuids.Distinct().ToList();
        return services.Mutations.OnceAsync(
            Verbs.DeleteArqs,
            call,
            async session =>
            {
                var arqs = await ArqStore.LockAsync(session, request.Scope, uuids);
                RequestFaults.RequireAll(uuids, arqs);
                if (!request.AlsoBound && arqs.FirstOrDefault(arq => arq.InstanceUuid is not null) is { } bound)
                    throw RequestFaults.Bound(bound);
                return await DeleteAsync(session, arqs);
            },
            stop);
    }

    public static Task<Done> ByInstanceAsync(ConductorServices services, DeleteInstanceArqs request, CallContext call, CancellationToken stop) =>
        services.Mutations.OnceAsync(
            Verbs.DeleteInstanceArqs,
            call,
            async session =>
            {
                // The instance's lock makes a delete wait for a bind that is under way, instead of missing its ARQs.
                await session.LockInstancesAsync([request.InstanceUuid]);
                return await DeleteAsync(session, await ArqStore.LockInstanceAsync(session, request.Scope, request.InstanceUuid));
            },
            stop);

    private static async Task<Done> DeleteAsync(Session session, IReadOnlyList<LockedArq> arqs)
    {
        RequestFaults.RequireTransition(arqs, ArqState.Deleting);
        List<Guid> uuids = [.. arqs.Select(arq => arq.Uuid)];
        await AttachHandleStore.ReleaseAsync(session, uuids);
        if (await ArqStore.DeleteAsync(session, uuids) != uuids.Count)
            throw RequestFaults.Changed();
        return Done.Instance;
    }
}
