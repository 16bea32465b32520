using Cyborg.Model;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.DataProvider.PostgreSQL;

namespace Cyborg.Storage;

/// <summary>A deployable as a bind finds it by its resource provider.</summary>
/// <param name="Id">Its key.</param>
/// <param name="Name">Its name.</param>
/// <param name="DeviceState">State of its device.</param>
/// <param name="StateReason">Why the device is in error.</param>
/// <param name="DeviceMissing">True if the device has vanished from its host, or the deployable alone.</param>
/// <param name="Programming">What is known of its logic.</param>
public sealed record ProviderDeployable(
    int Id, string Name, DeviceState DeviceState, string? StateReason, bool DeviceMissing, ProgramState Programming);

/// <summary>Where a deployable is to be programmed.</summary>
/// <param name="Id">Its key.</param>
/// <param name="Name">Its name on the host.</param>
/// <param name="Hostname">Its host.</param>
/// <param name="Driver">Entry name of its driver.</param>
/// <param name="ControlPath">How the host reaches its device.</param>
/// <param name="BootId">The agent's start that is known; null if its host never reported.</param>
public sealed record DeployableAddress(int Id, string Name, string Hostname, string Driver, DriverControlPath ControlPath, Guid? BootId);

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

    /// <summary>Locks the deployables behind resource providers; unknown ones are left out. One statement.</summary>
    /// <param name="session">A transaction.</param>
    /// <param name="providers">The resource providers.</param>
    /// <param name="alone">True to keep all other binds away until the transaction ends; false to keep programming away.</param>
    public static async Task<IReadOnlyDictionary<Guid, ProviderDeployable>> LockProvidersAsync(
        Session session, IReadOnlyCollection<Guid> providers, bool alone)
    {
        // The devices stay unlocked: a report locks them first. So they are not joined: a hint for one table of a join has linq2db compile the query at each call.
        var found = from deployable in session.Deployables
                    where providers.Contains(deployable.RpUuid!.Value)
                    orderby deployable.Id
                    select new ProviderColumns
                    {
                        Deployable = deployable,
                        DeviceState = session.Devices.Where(device => device.Id == deployable.DeviceId).Select(device => device.State).First(),
                        StateReason = session.Devices.Where(device => device.Id == deployable.DeviceId).Select(device => device.StateReason).First(),
                        DeviceMissing = session.Devices.Where(device => device.Id == deployable.DeviceId).Select(device => device.Missing).First(),
                        Claimed = deployable.ProgramToken != null && deployable.ProgramUntil > DatabaseClock.Now(),
                    };
        var rows = !session.IsPostgres ? await found.ToListAsync()
            : alone ? await found.AsPostgreSQL().ForNoKeyUpdateHint().ToListAsync()
            : await found.AsPostgreSQL().ForShareHint().ToListAsync();
        return rows.ToDictionary(
            row => row.Deployable.RpUuid!.Value,
            row => new ProviderDeployable(
                row.Deployable.Id, row.Deployable.Name, row.DeviceState, row.StateReason, row.DeviceMissing || row.Deployable.Missing,
                ProgramStore.State(row.Deployable, row.Claimed)));
    }

    /// <summary>Every control path to a deployable's device, or nothing if there is no such deployable. One statement.</summary>
    public static Task<List<DeployableAddress>> AddressesAsync(Session session, Guid uuid) =>
        (from deployable in session.Deployables
         join device in session.Devices on deployable.DeviceId equals device.Id
         join path in session.ControlPaths on device.Id equals path.DeviceId
         from host in session.Hosts.LeftJoin(host => host.Name == device.Hostname)
         where deployable.Uuid == uuid
         select new DeployableAddress(
             deployable.Id, deployable.Name, device.Hostname, device.Driver, new DriverControlPath(path.CpidType, path.CpidInfo),
             host == null ? null : host.BootId))
        .ToListAsync();

    private sealed class ProviderColumns
    {
        public DeployableRow Deployable { get; init; } = new();
        public DeviceState DeviceState { get; init; }
        public string? StateReason { get; init; }
        public bool DeviceMissing { get; init; }
        public bool Claimed { get; init; }
    }
}
