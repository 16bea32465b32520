using Cyborg.Model;
using Cyborg.Storage.Rows;

namespace Cyborg.Storage.Tests;

/// <summary>Rows that satisfy the schema.</summary>
internal static class Samples
{
    public static DeviceRow Device(string hostname = "host-1") => new()
    {
        Uuid = Guid.NewGuid(),
        Type = DeviceType.FPGA,
        Vendor = "0xABCD",
        Model = "fake",
        Hostname = hostname,
        Driver = "fake_driver",
        State = DeviceState.Ready,
    };

    public static DeviceProfileRow Profile(string name) => new() { Uuid = Guid.NewGuid(), Name = name, ProfileJson = """{"groups": []}""" };

    /// <summary>A device with one control path, one deployable and so many free handles, in the session's transaction.</summary>
    public static async Task<(DeployableRow Deployable, List<AttachHandleRow> Handles)> InsertTreeAsync(Session session, int handles)
    {
        var device = Device();
        await session.InsertIdAsync(device);
        var path = new ControlPathRow { Uuid = Guid.NewGuid(), DeviceId = device.Id, CpidType = "PCI", CpidInfo = "{}" };
        await session.InsertIdAsync(path);
        var deployable = new DeployableRow { Uuid = Guid.NewGuid(), Name = "host-1_fake", NumAccelerators = handles, DeviceId = device.Id };
        await session.InsertIdAsync(deployable);
        var rows = Enumerable.Range(0, handles).Select(n => Handle(deployable, path, n)).ToList();
        foreach (var row in rows) await session.InsertIdAsync(row);
        return (deployable, rows);
    }

    private static AttachHandleRow Handle(DeployableRow deployable, ControlPathRow path, int n) => new()
    {
        Uuid = Guid.NewGuid(),
        DeployableId = deployable.Id,
        CpidId = path.Id,
        AttachType = AttachHandleType.TEST_PCI,
        AttachInfo = $$"""{"bus": "0c", "device": "{{n}}"}""",
        State = AttachHandleState.Free,
    };
}
