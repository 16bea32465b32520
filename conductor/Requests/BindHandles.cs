using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Requests;

/// <summary>The part of a bind that takes handles: deployables are locked, images decided, handles held. For binds of Nova and attachments of API v1 alike.</summary>
internal static class BindHandles
{
    /// <summary>Gives each ARQ a handle; returns the ARQs that a host has work to do for.</summary>
    /// <param name="session">The transaction; the ARQs are locked.</param>
    /// <param name="arqs">The ARQs.</param>
    /// <param name="bindings">Where each is bound, by its uuid.</param>
    /// <param name="toHost">True if they are attached to their host and not for a guest: work on the host, in any case.</param>
    /// <exception cref="FaultException">A provider is not known or its device not usable, nothing is free, or an image cannot be had.</exception>
    public static async Task<HashSet<Guid>> TakeAsync(
        Session session, IReadOnlyList<LockedArq> arqs, IReadOnlyDictionary<Guid, ArqBinding> bindings, bool toHost = false)
    {
        var wishes = await BindImages.WishesAsync(session, arqs);
        var providers = await DeployableStore.LockProvidersAsync(
            session, [.. bindings.Values.Select(binding => binding.DeviceRpUuid).Distinct()], alone: wishes.Values.Any(wish => wish is not null));
        RequireUsable(bindings.Values, providers);
        var wanted = arqs.ToLookup(arq => providers[bindings[arq.Uuid].DeviceRpUuid]);
        var images = await BindImages.DecideAsync(session, wanted, wishes);
        return await HoldAsync(session, wanted, images, toHost);
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

    private static async Task<HashSet<Guid>> HoldAsync(
        Session session, ILookup<ProviderDeployable, LockedArq> wanted, IReadOnlyDictionary<Guid, BindImage> images, bool toHost)
    {
        var holders = new List<(FreeHandle Handle, Guid Arq)>();
        foreach (var arqs in wanted.OrderBy(group => group.Key.Id))
        {
            var free = await AttachHandleStore.LockFreeAsync(session, arqs.Key.Id, arqs.Count());
            if (free.Count < arqs.Count())
                throw RequestFaults.NoFreeHandle(arqs.Key.Name);
            holders.AddRange(free.Zip(arqs, (handle, arq) => (handle, arq.Uuid)));
        }
        var takings = holders.Select(holder => new HandleTaking(holder.Handle.Id, holder.Arq, images[holder.Arq].Wish, images[holder.Arq].Programmed, toHost));
        if (await AttachHandleStore.HoldAsync(session, takings) != holders.Count)
            throw RequestFaults.Changed();
        return [.. holders.Where(holder => toHost || holder.Handle.HostWork || images[holder.Arq].Programmed).Select(holder => holder.Arq)];
    }
}
