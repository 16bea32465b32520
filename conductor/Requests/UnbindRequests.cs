using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Requests;

/// <summary>Gives ARQs back: all in one transaction, or none. Their handles are free with the commit.</summary>
internal static class UnbindRequests
{
    public static Task<Done> HandleAsync(ConductorServices services, UnbindArqs request, CallContext call, CancellationToken stop)
    {
        var uuids = request.Uuids.Distinct().ToList();
        return services.Mutations.OnceAsync(
            Verbs.UnbindArqs,
            call,
            async session =>
            {
                var arqs = await ArqStore.LockAsync(session, request.Scope, uuids);
                RequestFaults.RequireAll(uuids, arqs);
                // An ARQ that is unbound already stays so: upstream writes the state without looking, and clients repeat themselves.
                List<LockedArq> bound = [.. arqs.Where(arq => arq.State != ArqState.Unbound)];
                RequestFaults.RequireTransition(bound, ArqState.Unbound);
                await AttachHandleStore.ReleaseAsync(session, [.. bound.Select(arq => arq.Uuid)]);
                if (await ArqStore.UnbindAsync(session, [.. bound.Select(arq => arq.Uuid)]) != bound.Count)
                    throw RequestFaults.Changed();
                return Done.Instance;
            },
            stop);
    }
}
