using Cyborg.Model;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage;

/// <summary>Statements on the drivers of hosts.</summary>
public static class DriverStore
{
    /// <summary>Keeps what a host's agent tells of its drivers, see <see cref="Rows.HostRow.Backends"/>. One statement.</summary>
    public static Task<int> TellAsync(Session session, string hostname, string told) =>
        session.Hosts.Where(row => row.Name == hostname).Set(row => row.Backends, told).Set(row => row.UpdatedAt, session.Now).UpdateAsync();

    /// <summary>True if anything of a driver's devices on a host is given out, has still to be undone, or is being worked on. Two statements at most.</summary>
    public static async Task<bool> IsUsedAsync(Session session, string hostname, string driver) =>
        await (from handle in session.AttachHandles
               join deployable in session.Deployables on handle.DeployableId equals deployable.Id
               join device in session.Devices on deployable.DeviceId equals device.Id
               where device.Hostname == hostname && device.Driver == driver && handle.State != AttachHandleState.Free
               select handle.Id).AnyAsync()
        || await session.Accelerators.AnyAsync(row => row.Host == hostname && row.Driver == driver && row.Job != null);
}
