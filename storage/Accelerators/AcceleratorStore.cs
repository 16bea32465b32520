using Cyborg.Model;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage;

/// <summary>An accelerator as its own row has it; what its device adds is not in it.</summary>
/// <param name="Accelerator">The accelerator.</param>
/// <param name="DeviceId">Key of its device; null if it has none yet.</param>
/// <param name="Phase">A word of <see cref="AcceleratorPhases"/>; null if its device says it all.</param>
/// <param name="Made">True if it was ordered.</param>
public sealed record StoredAccelerator(Accelerator Accelerator, int? DeviceId, string? Phase, bool Made);

/// <summary>Attach handles of a device that can be given out now, or later.</summary>
/// <param name="DeviceId">Key of the device.</param>
/// <param name="All">Those that are not missing.</param>
/// <param name="Free">Those of them that nobody has.</param>
public sealed record HandleCount(int DeviceId, int All, int Free);

/// <summary>A host that has told its backends.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Backends">What it told; JSON of this project's own.</param>
/// <param name="Live">True while its agent's lease holds and it is not fenced.</param>
public sealed record BackendHost(string Name, string Backends, bool Live);

/// <summary>Statements on accelerators.</summary>
public static class AcceleratorStore
{
    /// <summary>All accelerators, oldest first. One statement.</summary>
    public static async Task<List<StoredAccelerator>> AllAsync(Session session) =>
        [.. (await session.Accelerators.OrderBy(row => row.Id).ToListAsync()).Select(Stored)];

    /// <summary>One accelerator, or null. One statement.</summary>
    public static async Task<StoredAccelerator?> FindAsync(Session session, Guid uuid) =>
        await session.Accelerators.FirstOrDefaultAsync(row => row.Uuid == uuid) is { } row ? Stored(row) : null;

    /// <summary>How many handles devices have. One statement.</summary>
    /// <param name="session">A session.</param>
    /// <param name="devices">Keys of the devices; null for all.</param>
    public static Task<List<HandleCount>> HandlesAsync(Session session, IReadOnlyCollection<int>? devices)
    {
        var deployables = devices is null ? session.Deployables : session.Deployables.Where(row => devices.Contains(row.DeviceId));
        return (from handle in session.AttachHandles
                join deployable in deployables on handle.DeployableId equals deployable.Id
                where !handle.Missing
                group handle by deployable.DeviceId into handles
                select new HandleCount(
                    handles.Key, handles.Count(), handles.Sum(handle => handle.State == AttachHandleState.Free ? 1 : 0))).ToListAsync();
    }

    /// <summary>True if anything of a device is given out, or has still to be undone on its host. One statement.</summary>
    public static Task<bool> IsUsedAsync(Session session, int device) =>
        (from handle in session.AttachHandles
         join deployable in session.Deployables on handle.DeployableId equals deployable.Id
         where deployable.DeviceId == device && handle.State != AttachHandleState.Free
         select handle.Id).AnyAsync();

    /// <summary>Changes a spec; false if it is not in this generation any more, or its backend is at work on it. One statement.</summary>
    public static async Task<bool> WriteSpecsAsync(Session session, Guid uuid, long generation, AccSpecs specs)
    {
        var written = await session.Accelerators.Where(row => row.Uuid == uuid && row.Generation == generation && row.Job == null)
            .Set(row => row.DeviceType, specs.DeviceType)
            .Set(row => row.AccType, specs.AccType())
            .Set(row => row.AccCapability, specs.Capability)
            .Set(row => row.Num, specs.Num)
            .Set(row => row.Remotable, specs.Remote ? 1 : 0)
            .Set(row => row.Generation, row => row.Generation + 1)
            .Set(row => row.UpdatedAt, session.Now)
            .UpdateAsync() == 1;
        if (written)
            session.MarkChanged(RevisionRow.Accelerators);
        return written;
    }

    /// <summary>Hosts that have told their backends, in the order of their names. One statement.</summary>
    public static Task<List<BackendHost>> BackendHostsAsync(Session session, TimeSpan leaseTimeout)
    {
        var seconds = leaseTimeout.TotalSeconds;
        return session.Hosts.Where(row => row.Backends != null).OrderBy(row => row.Name)
            .Select(row => new BackendHost(
                row.Name, row.Backends!, !row.Fenced && row.SeenAt != null && row.SeenAt >= DatabaseClock.In(-seconds)))
            .ToListAsync();
    }

    /// <summary>The installed devices of a host and those that a probe found ill, with their paths. One statement.</summary>
    public static Task<List<(Guid Uuid, string Driver, DriverControlPath Path, bool Ill)>> ProbesAsync(Session session, string hostname) =>
        (from device in session.Devices
         join path in session.ControlPaths on device.Id equals path.DeviceId
         where device.Hostname == hostname && !device.Missing
            && (device.State == DeviceState.Ready || (device.State == DeviceState.Error && device.Ill))
         orderby device.Id
         select ValueTuple.Create(device.Uuid, device.Driver, new DriverControlPath(path.CpidType, path.CpidInfo), device.Ill)).ToListAsync();

    /// <summary>How a device is reached on its host; null if there is none of that key. One statement.</summary>
    public static async Task<DriverControlPath?> PathAsync(Session session, int device) =>
        await session.ControlPaths.FirstOrDefaultAsync(row => row.DeviceId == device) is { } row ? new DriverControlPath(row.CpidType, row.CpidInfo) : null;

    private static StoredAccelerator Stored(AcceleratorRow row) => new(
        new Accelerator
        {
            Id = row.Id,
            Uuid = row.Uuid,
            Name = row.Name,
            Specs = Specs(row),
            AccType = row.AccType,
            Host = row.Host,
            Backend = row.Backend,
            Driver = row.Driver,
            VendorId = row.VendorId,
            ProductId = row.ProductId,
            ProjectId = row.ProjectId,
            StateReason = row.StateReason,
            Generation = row.Generation,
            CreatedAt = row.CreatedAt,
            UpdatedAt = row.UpdatedAt,
        },
        row.DeviceId,
        row.State,
        row.Made);

    internal static AccSpecs Specs(AcceleratorRow row) => new(row.Remotable != 0, row.Num, row.DeviceType, row.AccCapability);
}
