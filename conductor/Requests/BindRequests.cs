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
        var bindings = request.Bindings.ToDictionary(binding => binding.ArqUuid);
        var leftJobs = false;
        var done = await services.Mutations.OnceAsync(
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

                var wishes = await BindImages.WishesAsync(session, arqs);
                var providers = await DeployableStore.LockProvidersAsync(
                    session, [.. bindings.Values.Select(binding => binding.DeviceRpUuid).Distinct()], alone: wishes.Values.Any(wish => wish is not null));
                RequireUsable(bindings.Values, providers);
                var wanted = arqs.ToLookup(arq => providers[bindings[arq.Uuid].DeviceRpUuid]);
                var images = await BindImages.DecideAsync(session, wanted, wishes);
                var hostWork = await HoldHandlesAsync(session, wanted, images);
                leftJobs = hostWork.Count > 0;
                if (await ArqStore.BindAsync(session, [.. bindings.Values.Select(binding => new ArqStart(binding, hostWork.Contains(binding.ArqUuid)))], call.Caller.ProjectId) != bindings.Count)
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
        FaultPoints.Reach(FaultPoint.BindCommitted);
        if (leftJobs)
            services.Jobs.Nudge();
        services.Relay?.Nudge();
        return done;
    }

    private static void RequireUsable(IEnumerable<ArqBinding> bindings, IReadOnlyDictionary<Guid, ProviderDeployable> providers)
    {
        foreach (var binding in bindings)
        {
            if (!providers.TryGetValue(binding.DeviceRpUuid, out var provider))
                throw RequestFaults.ProviderNotFound(binding.DeviceRpUuid);
            // Placement has decided that the host is to be used, so that a disabled device is bound all the same; one that is not there can't be.
            if (provider.DeviceMissing)
                throw new FaultException(FaultCode.DeviceUnusable, $"The device of deployable {provider.Name} is missing from its host.");
            if (provider.DeviceState == DeviceState.Error)
                throw new FaultException(FaultCode.DeviceUnusable, $"The device of deployable {provider.Name} is in error: {provider.StateReason}");
        }
    }

    /// <summary>Gives each ARQ a handle; returns the ARQs that the host has work to do for.</summary>
    private static async Task<HashSet<Guid>> HoldHandlesAsync(
        Session session, ILookup<ProviderDeployable, LockedArq> wanted, IReadOnlyDictionary<Guid, BindImage> images)
    {
        var holders = new List<(FreeHandle Handle, Guid Arq)>();
        foreach (var arqs in wanted.OrderBy(group => group.Key.Id))
        {
            var free = await AttachHandleStore.LockFreeAsync(session, arqs.Key.Id, arqs.Count());
            if (free.Count < arqs.Count())
                throw RequestFaults.NoFreeHandle(arqs.Key.Name);
            holders.AddRange(free.Zip(arqs, (handle, arq) => (handle, arq.Uuid)));
        }
        var takings = holders.Select(holder => new HandleTaking(holder.Handle.Id, holder.Arq, images[holder.Arq].Wish, images[holder.Arq].Programmed));
        if (await AttachHandleStore.HoldAsync(session, takings) != holders.Count)
            throw RequestFaults.Changed();
        return [.. holders.Where(holder => holder.Handle.HostWork || images[holder.Arq].Programmed).Select(holder => holder.Arq)];
    }
}
