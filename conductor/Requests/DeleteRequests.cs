using Cyborg.Hosting.Faults;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Requests;

/// <summary>Deletes ARQs, by uuid or by instance: all in one transaction, or none. A bound one gives its handle back on the way.</summary>
internal static class DeleteRequests
{
    public static async Task<Done> ByUuidAsync(ConductorServices services, DeleteArqs request, CallContext call, CancellationToken stop)
    {
        if (await services.Groups.TryDeleteAsync(request, call))
            return Released(services, leftJobs: false);
        return Released(services, await services.Groups.AloneAsync(() => ByUuidAloneAsync(services, request, call, stop), stop));
    }

    public static async Task<Done> ByInstanceAsync(ConductorServices services, DeleteInstanceArqs request, CallContext call, CancellationToken stop)
    {
        if (await services.Groups.TryDeleteAsync(request, call))
            return Released(services, leftJobs: false);
        return Released(services, await services.Groups.AloneAsync(() => ByInstanceAloneAsync(services, request, call, stop), stop));
    }

    private static async Task<bool> ByUuidAloneAsync(ConductorServices services, DeleteArqs request, CallContext call, CancellationToken stop)
    {
        var uuids = request.Uuids.Distinct().ToList();
        var leftJobs = false;
        await services.Mutations.OnceAsync(
            Verbs.DeleteArqs,
            call,
            async session =>
            {
                var arqs = await ArqStore.LockAsync(session, request.Scope, uuids);
                RequestFaults.RequireAll(uuids, arqs);
                if (!request.AlsoBound && arqs.FirstOrDefault(arq => arq.InstanceUuid is not null) is { } bound)
                    throw RequestFaults.Bound(bound);
                leftJobs = await DeleteAsync(session, arqs);
                return Done.Instance;
            },
            stop);
        return leftJobs;
    }

    private static async Task<bool> ByInstanceAloneAsync(ConductorServices services, DeleteInstanceArqs request, CallContext call, CancellationToken stop)
    {
        var leftJobs = false;
        await services.Mutations.OnceAsync(
            Verbs.DeleteInstanceArqs,
            call,
            async session =>
            {
                // The instance's lock makes a delete wait for a bind that is under way, instead of missing its ARQs.
                await session.LockInstancesAsync([request.InstanceUuid]);
                leftJobs = await DeleteAsync(session, await ArqStore.LockInstanceAsync(session, request.Scope, request.InstanceUuid));
                return Done.Instance;
            },
            stop);
        return leftJobs;
    }

    private static Done Released(ConductorServices services, bool leftJobs)
    {
        FaultPoints.Reach(FaultPoint.ReleaseCommitted);
        if (leftJobs)
            services.Jobs.Nudge();
        return Done.Instance;
    }

    /// <summary>Deletes the ARQs; true if a host is left with work to do.</summary>
    private static async Task<bool> DeleteAsync(Session session, IReadOnlyList<LockedArq> arqs)
    {
        RequestFaults.RequireTransition(arqs, ArqState.Deleting);
        List<Guid> uuids = [.. arqs.Select(arq => arq.Uuid)];
        var released = await AttachHandleStore.ReleaseAsync(session, uuids);
        if (await ArqStore.DeleteAsync(session, uuids) != uuids.Count)
            throw RequestFaults.Changed();
        return released.LeftJobs;
    }
}
