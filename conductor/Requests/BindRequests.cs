using System.Diagnostics;
using Cyborg.Conductor.Telemetry;
using Cyborg.Hosting.Faults;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Requests;

/// <summary>Binds ARQs to an instance: all in one transaction, or none. Locks are taken in the house's order: instances, ARQs by uuid,
/// deployables, handles by id, outbox. What the host has to do first is left as jobs on the handles: <see cref="Jobs.HandleJobs"/>.</summary>
internal static class BindRequests
{
    public static async Task<Done> HandleAsync(ConductorServices services, BindArqs request, CallContext call, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        // Before the commit: a loop may see the jobs before this goes on.
        services.Traces.Remember(request.Bindings.Select(binding => binding.ArqUuid));
        var leftJobs = !await services.Groups.TryBindAsync(request, call)
            && await services.Groups.AloneAsync(() => AloneAsync(services, request, call, stop), stop);
        ConductorMetrics.BindSteps.Record(
            Stopwatch.GetElapsedTime(began).TotalSeconds, ConductorMetrics.Tag("step", "commit"), ConductorMetrics.Tag("outcome", "ok"));
        FaultPoints.Reach(FaultPoint.BindCommitted);
        if (leftJobs)
            services.Jobs.Nudge();
        services.Relay?.Nudge();
        return Done.Instance;
    }

    /// <summary>Binds them in a transaction of their own; true if a host is left with work to do.</summary>
    private static async Task<bool> AloneAsync(ConductorServices services, BindArqs request, CallContext call, CancellationToken stop)
    {
        var bindings = request.Bindings.ToDictionary(binding => binding.ArqUuid);
        var leftJobs = false;
        await services.Mutations.OnceAsync(
            Verbs.BindArqs,
            call,
            async session =>
            {
                var instances = bindings.Values.Select(binding => binding.InstanceUuid).Distinct().ToList();
                await session.LockInstancesAsync(instances);
                var arqs = await ArqStore.LockAsync(session, request.Scope, bindings.Keys);
                RequestFaults.RequireAll(bindings.Keys, arqs);
                RequestFaults.RequireTransition(arqs, ArqState.BindStarted);
                if (await ArqStore.FindInstanceWithOthersAsync(session, instances, bindings.Keys) is { } taken)
                    throw RequestFaults.InstanceHasArqs(taken);

                var hostWork = await BindHandles.TakeAsync(session, arqs, bindings);
                leftJobs = hostWork.Count > 0;
                List<ArqStart> starts = [.. bindings.Values.Select(binding => new ArqStart(binding, hostWork.Contains(binding.ArqUuid)))];
                if (await ArqStore.BindAsync(session, starts, call.Caller.ProjectId, services.Nova.FirstCheckSeconds) != bindings.Count)
                    throw RequestFaults.Changed();
                // Those without work on the host are bound now, and Nova is owed the word in the same transaction.
                if (services.Nova.IsTold)
                {
                    await NovaEventStore.InsertAsync(
                        session,
                        arqs.Where(arq => !hostWork.Contains(arq.Uuid)).Select(arq => (bindings[arq.Uuid].InstanceUuid, arq.Uuid, arq.Generation + 1)),
                        NovaEventStore.Completed);
                }
                return Done.Instance;
            },
            stop);
        return leftJobs;
    }
}
