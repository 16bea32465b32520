using Cyborg.Model;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage;

/// <summary>A deployable as a bind finds it by its resource provider.</summary>
/// <param name="Id">Its key.</param>
/// <param name="Name">Its name.</param>
/// <param name="DeviceState">State of its device.</param>
/// <param name="StateReason">Why the device is in error.</param>
/// <param name="DeviceMissing">True if the device has vanished from its host.</param>
public sealed record ProviderDeployable(int Id, string Name, DeviceState DeviceState, string? StateReason, bool DeviceMissing);

/// <summary>Where a deployable is to be programmed.</summary>
/// <param name="Id">Its key.</param>
/// <param name="Name">Its name on the host.</param>
/// <param name="Hostname">Its host.</param>
/// <param name="Driver">Entry name of its driver.</param>
/// <param name="ControlPath">How the host reaches its device.</param>
public sealed record DeployableAddress(int Id, string Name, string Hostname, string Driver, DriverControlPath ControlPath);

/// <summary>Statements on deployables.</summary>
public static class DeployableStore
{
    /// <summary>All deployables, oldest first. One statement.</summary>
    /// <param name="session">A session; in the same snapshot as the attributes.</param>
    /// <param name="attributes">What to hang on them, by the deployable's key.</param>
    public static async Task<List<Deployable>> AllAsync(Session session, ILookup<int, DeployableAttribute> attributes) =>
    [
        .. (await session.Deployables.OrderBy(row => row.Id).ToListAsync()).Select(row => new Deployable
        {
            Id = row.Id,
            Uuid = row.Uuid,
            ParentId = row.ParentId,
            RootId = row.RootId,
            Name = row.Name,
            NumAccelerators = row.NumAccelerators,
            DeviceId = row.DeviceId,
            Attributes = [.. attributes[row.Id]],
            RpUuid = row.RpUuid,
            DriverName = row.DriverName,
            BitstreamId = row.BitstreamId,
            CreatedAt = row.CreatedAt,
            UpdatedAt = row.UpdatedAt,
        }),
    ];

    /// <summary>Key of a deployable, or null.</summary>
    public static async Task<int?> FindIdAsync(Session session, Guid uuid) =>
        await session.Deployables.Where(row => row.Uuid == uuid).Select(row => (int?)row.Id).FirstOrDefaultAsync();

    /// <summary>The deployables behind resource providers; unknown ones are left out. One statement.</summary>
    public static async Task<IReadOnlyDictionary<Guid, ProviderDeployable>> FindProvidersAsync(Session session, IReadOnlyCollection<Guid> providers) =>
        await (from deployable in session.Deployables
               join device in session.Devices on deployable.DeviceId equals device.Id
               where providers.Contains(deployable.RpUuid!.Value)
               select new { deployable.RpUuid, Found = new ProviderDeployable(deployable.Id, deployable.Name, device.State, device.StateReason, device.Missing) })
            .ToDictionaryAsync(row => row.RpUuid!.Value, row => row.Found);

    /// <summary>Every control path to a deployable's device, or nothing if there is no such deployable. One statement.</summary>
    public static Task<List<DeployableAddress>> AddressesAsync(Session session, Guid uuid) =>
        (from deployable in session.Deployables
         join device in session.Devices on deployable.DeviceId equals device.Id
         join path in session.ControlPaths on device.Id equals path.DeviceId
         where deployable.Uuid == uuid
         select new DeployableAddress(deployable.Id, deployable.Name, device.Hostname, device.Driver, new DriverControlPath(path.CpidType, path.CpidInfo)))
        .ToListAsync();
}
