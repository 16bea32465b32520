using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Requests;

/// <summary>Binds ARQs to an instance: all in one transaction, or none. Locks are taken in the house's order: instances, ARQs by uuid,
/// deployables, handles by id.</summary>
internal static class BindRequests
{
    public static Task<Done> HandleAsync(ConductorServices services, BindArqs request, CallContext call, CancellationToken stop)
    {
        var bindings = request.Bindings.ToDictionary(binding => binding.ArqUuid);
        return services.Mutations.OnceAsync(
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

                var providers = await DeployableStore.FindProvidersAsync(session, [.. bindings.Values.Select(binding => binding.DeviceRpUuid).Distinct()]);
                RequireUsable(bindings.Values, providers);
                await RequireNoHostWorkAsync(session, arqs);
                await HoldHandlesAsync(session, arqs, bindings, providers);
                if (await ArqStore.BindAsync(session, [.. bindings.Values], call.Caller.ProjectId) != bindings.Count)
                    throw RequestFaults.Changed();
                return Done.Instance;
            },
            stop);
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

    private static async Task RequireNoHostWorkAsync(Session session, IReadOnlyList<LockedArq> arqs)
    {
        var groups = await ProfileStore.GroupsAsync(session, [.. arqs.Select(arq => arq.DeviceProfileId).Distinct()]);
        foreach (var arq in arqs)
        {
            if (ProfileGroup.Parse(groups[arq.DeviceProfileId][arq.DeviceProfileGroupId]).NeedsProgramming)
                throw new FaultException(FaultCode.NotSupportedByDriver,
                    $"ARQ {arq.Uuid} asks for an image to be programmed at bind (accel:{ProfileGroup.BitstreamHint} or accel:{ProfileGroup.FunctionHint}), which this version does not do.");
        }
    }

    private static async Task HoldHandlesAsync(
        Session session, IReadOnlyList<LockedArq> arqs, Dictionary<Guid, ArqBinding> bindings, IReadOnlyDictionary<Guid, ProviderDeployable> providers)
    {
        var holders = new List<(int HandleId, Guid ArqUuid)>();
        foreach (var wanted in arqs.GroupBy(arq => providers[bindings[arq.Uuid].DeviceRpUuid]).OrderBy(group => group.Key.Id))
        {
            var free = await AttachHandleStore.LockFreeAsync(session, wanted.Key.Id, wanted.Count());
            if (free.Count < wanted.Count())
                throw RequestFaults.NoFreeHandle(wanted.Key.Name);
            holders.AddRange(free.Zip(wanted, (handle, arq) => (handle, arq.Uuid)));
        }
        if (await AttachHandleStore.HoldAsync(session, holders) != holders.Count)
            throw RequestFaults.Changed();
    }
}
