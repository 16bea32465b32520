using Cyborg.Storage.Migrations;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.Data;

namespace Cyborg.Storage.Tests;

public class AcceleratorMigrationTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Devices_of_an_older_version_are_accelerators(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        await test.Database.TransactAsync(
            async session =>
            {
                await Samples.InsertTreeAsync(session, 3);
                await Samples.InsertTreeAsync(session, 2);
                await session.InsertIdAsync(Samples.Device("bare"), Cancellation);
                await session.ExecuteAsync(Accelerators.Known, Cancellation);
            },
            Cancellation);

        var (devices, rows) = await test.Database.ReadAsync(
            async session => (await session.Devices.OrderBy(row => row.Id).ToListAsync(Cancellation), await session.Accelerators.OrderBy(row => row.Id).ToListAsync(Cancellation)),
            Cancellation);
        Assert.Equal(devices.Select(device => ((int?)device.Id, device.Uuid, (string?)device.Hostname, (string?)device.Driver, (string?)device.Vendor)), rows.Select(row => (row.DeviceId, row.Uuid, row.Host, row.Driver, row.VendorId)));
        // Both trees have a deployable of one name.
        Assert.Equal(["host-1_fake", $"host-1_fake-{devices[1].Uuid}", devices[2].Uuid.ToString()], rows.Select(row => row.Name));
        Assert.Equal([(3, """{"num":3}"""), (2, """{"num":2}"""), (0, """{"num":0}""")], rows.Select(row => (row.Num, row.AccCapability)));
        Assert.All(rows, row => Assert.Equal(("FPGA", "fpga", 0, 0L, false), (row.DeviceType, row.AccType, row.Remotable, row.Generation, row.Made)));
    }
}
