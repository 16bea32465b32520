using Cyborg.Model;
using Cyborg.Storage.Rows;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.Data;

namespace Cyborg.Storage.Tests;

public class MappingTests
{
    private static readonly Guid s_uuid = Guid.Parse("0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A moment with a part below the microsecond, in another zone.</summary>
    private static DateTimeOffset Moment => new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.FromHours(2)).AddTicks(1_234_567);

    [Theory, EachDatabase]
    public async Task Every_column_of_a_device_comes_back(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        var row = Samples.Device();
        (row.Uuid, row.StdBoardInfo, row.State, row.StateReason, row.Missing) = (s_uuid, "{ \"b\":1,  \"a\":2 }", DeviceState.Error, "broken; 'quoted' \\ é", true);
        (row.CreatedAt, row.UpdatedAt) = (Moment, Moment.AddSeconds(1));
        await test.Database.TransactAsync(session => session.InsertIdAsync(row), Cancellation);

        var read = await test.Database.ReadAsync(session => session.Devices.SingleAsync(device => device.Uuid == s_uuid, Cancellation), Cancellation);

        Assert.Equal(row.Id, read.Id);
        Assert.Equal(row.Uuid, read.Uuid);
        Assert.Equal(DeviceType.FPGA, read.Type);
        Assert.Equal(row.StdBoardInfo, read.StdBoardInfo);
        Assert.Null(read.VendorBoardInfo);
        Assert.Equal(DeviceState.Error, read.State);
        Assert.Equal(row.StateReason, read.StateReason);
        Assert.True(read.Missing);
        Assert.Equal(ColumnMapping.ToMicroseconds(Moment), read.CreatedAt);
        Assert.Equal(TimeSpan.Zero, read.CreatedAt.Offset);
        Assert.Equal(ColumnMapping.ToMicroseconds(Moment.AddSeconds(1)), read.UpdatedAt);
    }

    [Theory, EachDatabase]
    public async Task What_lies_in_the_database_is_what_an_administrator_expects(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        var row = Samples.Device();
        (row.Uuid, row.CreatedAt) = (s_uuid, Moment);
        await test.Database.TransactAsync(session => session.InsertIdAsync(row), Cancellation);
        var sql = kind == DatabaseKind.Sqlite
            ? "SELECT typeof(uuid) || ' ' || uuid || ' ' || typeof(created_at) || ' ' || created_at || ' ' || type || ' ' || state || ' ' || missing FROM devices"
            : """
              SELECT pg_typeof(uuid) || ' ' || uuid || ' ' || pg_typeof(created_at) || ' ' || to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')
                || ' ' || type || ' ' || state || ' ' || missing::int FROM devices
              """;

        var stored = await test.Database.ReadAsync(session => session.ExecuteAsync<string>(sql, Cancellation), Cancellation);

        var (uuid, time) = kind == DatabaseKind.Sqlite ? ("text", "text") : ("uuid", "timestamp with time zone");
        Assert.Equal($"{uuid} 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9 {time} 2026-03-04 03:06:07.123456 FPGA Ready 0", stored);
    }

    [Theory, EachDatabase]
    public async Task Uuids_times_and_enums_can_be_asked_for_in_every_way(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        var start = Moment;
        await test.Database.TransactAsync(
            async session =>
            {
                for (var n = 0; n < 3; n++)
                {
                    var row = Samples.Device();
                    (row.CreatedAt, row.State) = (start.AddSeconds(n), n == 0 ? DeviceState.Inactive : DeviceState.Ready);
                    if (n == 2) row.Uuid = s_uuid;
                    await session.InsertIdAsync(row, Cancellation);
                }
            },
            Cancellation);

        await test.Database.ReadAsync(
            async session =>
            {
                Guid[] many = [s_uuid, Guid.NewGuid()];
                DeviceState[] states = [DeviceState.Ready, DeviceState.Error];
                Assert.Equal(1, await session.Devices.CountAsync(row => many.Contains(row.Uuid), Cancellation));
                Assert.Equal(2, await session.Devices.CountAsync(row => states.Contains(row.State), Cancellation));
                Assert.Equal(1, await session.Devices.CountAsync(row => row.State == DeviceState.Inactive, Cancellation));
                Assert.Equal(2, await session.Devices.CountAsync(row => row.CreatedAt > start, Cancellation));
                Assert.Equal(3, await session.Devices.CountAsync(row => !row.Missing, Cancellation));
                Assert.Equal(s_uuid, await session.Devices.OrderByDescending(row => row.CreatedAt).Select(row => row.Uuid).FirstAsync(Cancellation));
                return true;
            },
            Cancellation);
    }

    [Theory, EachDatabase]
    public async Task An_update_sets_uuids_times_enums_and_nulls_and_tells_its_rows(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        var arq = Guid.NewGuid();

        var (first, second, row) = await test.Database.TransactAsync(
            async session =>
            {
                var (_, handles) = await Samples.InsertTreeAsync(session, 1);
                var free = session.AttachHandles.Where(handle => handle.Id == handles[0].Id && handle.State == AttachHandleState.Free);
                Task<int> TakeAsync() => free.Set(handle => handle.State, AttachHandleState.Held).Set(handle => handle.ArqUuid, arq)
                    .Set(handle => handle.Generation, handle => handle.Generation + 1).Set(handle => handle.UpdatedAt, session.Now).UpdateAsync(Cancellation);
                var taken = await TakeAsync();
                return (taken, await TakeAsync(), await session.AttachHandles.SingleAsync(handle => handle.ArqUuid == arq, Cancellation));
            },
            Cancellation);

        Assert.Equal((1, 0), (first, second));
        Assert.Equal((AttachHandleState.Held, 1L, arq), (row.State, row.Generation, row.ArqUuid));
        Assert.Equal(row.CreatedAt, row.UpdatedAt);
        var given = await test.Database.TransactAsync(
            session => session.AttachHandles.Where(handle => handle.ArqUuid == arq)
                .Set(handle => handle.State, AttachHandleState.Free).Set(handle => handle.ArqUuid, (Guid?)null).UpdateAsync(Cancellation),
            Cancellation);
        Assert.Equal(1, given);
    }

    [Theory, EachDatabase]
    public async Task Many_rows_go_in_together(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        var rows = Enumerable.Range(0, 50).Select(n => Samples.Profile($"p{n} ' \\")).ToList();
        using var count = StatementCount.Start(test.Database);

        await test.Database.TransactAsync(session => session.InsertAllAsync(rows, Cancellation), Cancellation);

        Assert.Equal(1, count.Statements);
        var read = await test.Database.ReadAsync(session => session.DeviceProfiles.OrderBy(row => row.Id).ToListAsync(Cancellation), Cancellation);
        Assert.Equal(rows.Select(row => (row.Uuid, row.Name, row.CreatedAt)), read.Select(row => (row.Uuid, row.Name, row.CreatedAt)));
    }

    [Theory, EachDatabase]
    public async Task A_reply_comes_back_byte_for_byte(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        var (id, body) = (Guid.NewGuid(), Enumerable.Range(0, 256).Select(n => (byte)n).ToArray());

        await test.Database.TransactAsync(
            session => session.InsertAsync(new RpcReplyRow { Id = id, Verb = "arqs.bind", Reply = body, CreatedAt = session.Now }, token: Cancellation), Cancellation);

        var read = await test.Database.ReadAsync(session => session.RpcReplies.SingleAsync(row => row.Id == id, Cancellation), Cancellation);
        Assert.Equal(body, read.Reply);
    }
}
