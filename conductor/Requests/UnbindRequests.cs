using Cyborg.Hosting.Faults;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Requests;

/// <summary>Gives ARQs back: all in one transaction, or none. For the client that is the end: handles that need no work
/// on the host are free with the commit, others when the host has done it.</summary>
internal static class UnbindRequests
{
    public static async Task<Done> HandleAsync(ConductorServices services, UnbindArqs request, CallContext call, CancellationToken stop)
    {
        var uuids = request.Uuids.Distinct().ToList();
        var leftJobs = false;
        var done = await services.Mutations.OnceAsync(
            Verbs.UnbindArqs,
            call,
            async session =>
            {
                var arqs = await ArqStore.LockAsync(session, request.Scope, uuids);
                RequestFaults.RequireAll(uuids, arqs);
                // An ARQ that is unbound already stays so: upstream writes the state without looking, and clients repeat themselves.
                List<LockedArq> bound = [.. arqs.Where(arq => arq.State != ArqState.Unbound)];
                RequestFaults.RequireTransition(bound, ArqState.Unbound);
                leftJobs = (await AttachHandleStore.ReleaseAsync(session, [.. bound.Select(arq => arq.Uuid)])).LeftJobs;
                if (await ArqStore.UnbindAsync(session, [.. bound.Select(arq => arq.Uuid)]) != bound.Count)
                    throw RequestFaults.Changed();
                return Done.Instance;
            },
            stop);
        FaultPoints.Reach(FaultPoint.ReleaseCommitted);
        if (leftJobs)
            services.Jobs.Nudge();
        return done;
    }
}
