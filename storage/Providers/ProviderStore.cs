using Cyborg.Model;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage;

/// <summary>A deployable, as far as its resource provider depends on it.</summary>
/// <param name="Deployable">Its row.</param>
/// <param name="State">State of its device.</param>
/// <param name="Missing">True if its device, or it alone, is not found any more.</param>
/// <param name="Withheld">How many of its handles are free for nobody although no ARQ holds them.</param>
/// <param name="Attributes">Its facts, those that operators made included, oldest first.</param>
public sealed record ProviderRow(DeployableRow Deployable, DeviceState State, bool Missing, int Withheld, IReadOnlyList<DriverAttribute> Attributes);

/// <summary>A fence that Placement does not show yet.</summary>
/// <param name="Hostname">The host.</param>
/// <param name="Epoch">Its epoch when it was looked at.</param>
/// <param name="Providers">Resource providers of its deployables.</param>
public sealed record OwedFence(string Hostname, long Epoch, IReadOnlyList<Guid> Providers);

/// <summary>What came of a wish to adopt a provider.</summary>
public enum Adoption
{
    /// <summary>The deployable has this provider now.</summary>
    Done,
    /// <summary>It had it already, or the host has no such deployable.</summary>
    Nothing,
    /// <summary>Another deployable has this provider.</summary>
    Taken,
}

/// <summary>Statements on what Placement is to show. Those that change it say so, see <see cref="Session.ProvidersChanged"/>.</summary>
public static class ProviderStore
{
    private static readonly AttachHandleState[] Withheld = [AttachHandleState.Releasing, AttachHandleState.Error];

    /// <summary>All deployables of a host, oldest first. Three statements; to be called in one snapshot with the host's lease.</summary>
    public static async Task<IReadOnlyList<ProviderRow>> LoadAsync(Session session, string hostname)
    {
        var rows = await (from deployable in session.Deployables
                          join device in session.Devices on deployable.DeviceId equals device.Id
                          where device.Hostname == hostname
                          orderby deployable.Id
                          select new { deployable, device.State, Missing = device.Missing || deployable.Missing }).ToListAsync();
        var attributes = (await (from attribute in session.Attributes
                                 join deployable in session.Deployables on attribute.DeployableId equals deployable.Id
                                 join device in session.Devices on deployable.DeviceId equals device.Id
                                 where device.Hostname == hostname
                                 orderby attribute.Id
                                 select new { attribute.DeployableId, attribute.Key, attribute.Value }).ToListAsync())
            .ToLookup(row => row.DeployableId, row => new DriverAttribute(row.Key, row.Value));
        var withheld = await (from handle in session.AttachHandles
                              join deployable in session.Deployables on handle.DeployableId equals deployable.Id
                              join device in session.Devices on deployable.DeviceId equals device.Id
                              where device.Hostname == hostname && Withheld.Contains(handle.State)
                              group handle by handle.DeployableId into handles
                              select new { handles.Key, Count = handles.Count() }).ToDictionaryAsync(row => row.Key, row => row.Count);
        return
        [
            .. rows.Select(row => new ProviderRow(
                row.deployable, row.State, row.Missing, withheld.GetValueOrDefault(row.deployable.Id), [.. attributes[row.deployable.Id]])),
        ];
    }

    /// <summary>Gives a deployable the provider that Placement has for it. One statement; two if it changes nothing.</summary>
    /// <param name="session">The transaction; the host is locked.</param>
    /// <param name="hostname">The host, whose deployable it must be.</param>
    /// <param name="deployable">The deployable.</param>
    /// <param name="provider">Its provider.</param>
    public static async Task<Adoption> AdoptAsync(Session session, string hostname, Guid deployable, Guid provider)
    {
        var adopted = await session.Deployables
            .Where(row => row.Uuid == deployable && (row.RpUuid == null || row.RpUuid != provider)
                && session.Devices.Any(device => device.Id == row.DeviceId && device.Hostname == hostname)
                && !session.Deployables.Any(other => other.RpUuid == provider))
            .Set(row => row.RpUuid, provider).Set(row => row.UpdatedAt, session.Now).UpdateAsync();
        if (adopted == 0)
            return await session.Deployables.AnyAsync(row => row.RpUuid == provider && row.Uuid != deployable) ? Adoption.Taken : Adoption.Nothing;
        session.MarkChanged(RevisionRow.Devices);
        session.ProvidersChanged(hostname);
        return Adoption.Done;
    }

    /// <summary>Deletes the rows of deployables that are missing and that nothing holds, and those of missing devices that have none left. What an ARQ
    /// holds, or a host has still to undo, stays until a later report or call. Returns how many deployables went. Ten statements at most.</summary>
    /// <param name="session">The transaction; the host is locked.</param>
    /// <param name="hostname">The host, whose deployables they must be.</param>
    /// <param name="deployables">Those that Placement has let go.</param>
    public static async Task<int> RemoveMissingAsync(Session session, string hostname, IReadOnlyCollection<Guid> deployables)
    {
        var missing = await (from deployable in session.Deployables
                             join device in session.Devices on deployable.DeviceId equals device.Id
                             where deployables.Contains(deployable.Uuid) && device.Hostname == hostname && (device.Missing || deployable.Missing)
                             select new { deployable.Id, DeviceId = device.Id, device.Missing }).ToListAsync();
        if (missing.Count == 0)
            return 0;
        List<int> ids = [.. missing.Select(row => row.Id)];
        await session.AttachHandles.Where(row => ids.Contains(row.DeployableId) && row.State == AttachHandleState.Free).DeleteAsync();
        var gone = await InventoryStore.DeleteDeployablesAsync(session, ids);
        await InventoryStore.DeleteDevicesAsync(session, [.. missing.Where(row => row.Missing).Select(row => row.DeviceId).Distinct()]);
        if (gone > 0)
            session.ProvidersChanged(hostname);
        return gone;
    }

    /// <summary>Fences of hosts that Placement does not show yet, with what is to be reserved. Two statements; one if there is none.</summary>
    public static async Task<IReadOnlyList<OwedFence>> OwedFencesAsync(Session session)
    {
        var hosts = await session.Hosts.Where(row => row.Fenced && row.ManagesProviders && row.FenceShown != row.Epoch)
            .OrderBy(row => row.Id).Select(row => new { row.Name, row.Epoch }).ToListAsync();
        if (hosts.Count == 0)
            return [];
        List<string> names = [.. hosts.Select(host => host.Name)];
        var providers = (await (from deployable in session.Deployables
                                join device in session.Devices on deployable.DeviceId equals device.Id
                                where names.Contains(device.Hostname) && deployable.RpUuid != null
                                orderby deployable.Id
                                select new { device.Hostname, Provider = deployable.RpUuid!.Value }).ToListAsync())
            .ToLookup(row => row.Hostname, row => row.Provider);
        return [.. hosts.Select(host => new OwedFence(host.Name, host.Epoch, [.. providers[host.Name]]))];
    }

    /// <summary>True if the host is fenced, and still in this epoch. One statement.</summary>
    public static Task<bool> IsFencedAsync(Session session, string hostname, long epoch) =>
        session.Hosts.AnyAsync(row => row.Name == hostname && row.Fenced && row.Epoch == epoch);

    /// <summary>Notes that Placement shows a fence; false if the host has moved on since. One statement.</summary>
    public static async Task<bool> FenceShownAsync(Session session, string hostname, long epoch) =>
        await session.Hosts.Where(row => row.Name == hostname && row.Fenced && row.Epoch == epoch)
            .Set(row => row.FenceShown, epoch).UpdateAsync() == 1;

    /// <summary>True if any host's agent writes to Placement. One statement.</summary>
    public static Task<bool> AnyManagedAsync(Session session) => session.Hosts.AnyAsync(row => row.ManagesProviders);
}
