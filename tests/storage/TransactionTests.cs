using Cyborg.Model;
using Cyborg.Storage.Rows;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage.Tests;

public class TransactionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_revision_read_without_a_session_is_what_is_committed(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        Assert.Equal(0, await RevisionStore.NowAsync(test.Database, RevisionRow.Profiles, Cancellation));
        await test.Database.TransactAsync(
            async session =>
            {
                session.MarkChanged(RevisionRow.Profiles);
                Assert.Equal(0, await RevisionStore.NowAsync(test.Database, RevisionRow.Profiles, Cancellation));
            },
            Cancellation);
        Assert.Equal(1, await RevisionStore.NowAsync(test.Database, RevisionRow.Profiles, Cancellation));
        await Assert.ThrowsAsync<InvalidOperationException>(() => RevisionStore.NowAsync(test.Database, "no such kind", Cancellation));
    }

    [Theory, EachDatabase]
    public async Task An_intended_fault_rolls_back_and_is_not_run_again(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        var runs = 0;

        var fault = await Assert.ThrowsAsync<FaultException>(() => test.Database.TransactAsync(
            async session =>
            {
                runs++;
                await session.InsertIdAsync(Samples.Profile("lost"), Cancellation);
                throw new FaultException(FaultCode.Conflict, "no", new TimeoutException());
            },
            Cancellation));

        Assert.Equal((FaultCode.Conflict, 1, 0), (fault.Code, runs, await CountProfilesAsync(test)));
    }

    [Theory, EachDatabase]
    public async Task A_cancelled_transaction_leaves_nothing(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => test.Database.TransactAsync(
            async session =>
            {
                await session.InsertIdAsync(Samples.Profile("lost"), stop.Token);
                await stop.CancelAsync();
                await session.DeviceProfiles.ToListAsync(stop.Token);
            },
            stop.Token));

        Assert.Equal(0, await CountProfilesAsync(test));
    }

    [Theory, EachDatabase]
    public async Task A_session_has_one_stamp_of_whole_microseconds(DatabaseKind kind)
    {
        var time = new FixedTime(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(1_234_567));
        await using var test = await TestDatabase.CreateAsync(kind, time, cancellation: Cancellation);

        var (now, row) = await test.Database.TransactAsync(
            async session =>
            {
                var profile = Samples.Profile("stamped");
                await session.InsertIdAsync(profile, Cancellation);
                return (session.Now, await session.DeviceProfiles.SingleAsync(Cancellation));
            },
            Cancellation);

        Assert.Equal(time.GetUtcNow().AddTicks(-7), now);
        Assert.Equal(now, row.CreatedAt);
    }

    [Theory, EachDatabase]
    public async Task A_reader_waits_for_no_writer_and_sees_only_what_is_committed(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);

        await test.Database.TransactAsync(
            async session =>
            {
                await session.InsertIdAsync(Samples.Profile("new"), Cancellation);
                Assert.Equal(0, await CountProfilesAsync(test));
            },
            Cancellation);

        Assert.Equal(1, await CountProfilesAsync(test));
    }

    [Theory, EachDatabase]
    public async Task A_snapshot_stays_as_it_was(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);

        var (before, after) = await test.Database.ReadSnapshotAsync(
            async session =>
            {
                var first = await session.DeviceProfiles.CountAsync(Cancellation);
                await test.Database.TransactAsync(writer => writer.InsertIdAsync(Samples.Profile("later"), Cancellation), Cancellation);
                return (first, await session.DeviceProfiles.CountAsync(Cancellation));
            },
            Cancellation);

        Assert.Equal((0, 0, 1), (before, after, await CountProfilesAsync(test)));
    }

    [Theory, EachDatabase]
    public async Task Many_writers_at_once_lose_no_update(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        await using var other = test.OpenAgain();
        CyborgDatabase[] databases = [test.Database, other];

        await Task.WhenAll(Enumerable.Range(0, 16).Select(n => Task.Run(
            async () =>
            {
                for (var i = 0; i < 20; i++)
                {
                    await databases[n % 2].TransactAsync(
                        async session =>
                        {
                            await session.InsertIdAsync(Samples.Profile($"p-{n}-{i}"), Cancellation);
                            await session.Revisions.Where(row => row.Kind == RevisionRow.Profiles).Set(row => row.N, row => row.N + 1).UpdateAsync(Cancellation);
                        },
                        Cancellation);
                }
            },
            Cancellation)));

        Assert.Equal(320, await CountProfilesAsync(test));
        Assert.Equal(320, await test.Database.ReadAsync(
            session => session.Revisions.Where(row => row.Kind == RevisionRow.Profiles).Select(row => row.N).SingleAsync(Cancellation), Cancellation));
    }

    [Fact]
    public async Task A_sqlite_file_that_another_process_writes_to_is_asked_again()
    {
        using var logs = new ListLogger();
        await using var test = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, logs: logs, cancellation: Cancellation);
        await using var holder = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={test.Url["sqlite:///".Length..]};Pooling=False");
        await holder.OpenAsync(Cancellation);
        var held = holder.BeginTransaction(deferred: false);

        var writing = Task.Run(
            () => test.Database.TransactAsync(session => session.InsertIdAsync(Samples.Profile("patient"), Cancellation), Cancellation), Cancellation);
        await logs.First.WaitAsync(Cancellation);
        await held.DisposeAsync();

        await writing;
        Assert.StartsWith("5000", logs.Lines.First(), StringComparison.Ordinal);
        Assert.Equal(1, await CountProfilesAsync(test));
    }

    [Theory, EachDatabase]
    public async Task A_database_that_is_not_there_is_unavailable(DatabaseKind kind)
    {
        var nowhere = $"/tmp/cyborg-nowhere-{Guid.NewGuid():N}";
        var url = kind == DatabaseKind.Sqlite ? $"sqlite:///{nowhere}/cyborg.db" : $"postgresql://cyborg:hunter2@/cyborg?host={nowhere}";
        using var logs = new ListLogger();
        await using var database = CyborgDatabase.Open(url, logs, TimeProvider.System);

        var fault = await Assert.ThrowsAsync<FaultException>(() => database.ReadAsync(session => session.Devices.CountAsync(Cancellation), Cancellation));

        Assert.Equal(FaultCode.Unavailable, fault.Code);
        Assert.DoesNotContain("hunter2", fault + string.Join('\n', logs.Lines) + database.Description, StringComparison.Ordinal);
    }

    private static Task<int> CountProfilesAsync(TestDatabase test) =>
        test.Database.ReadAsync(session => session.DeviceProfiles.CountAsync(Cancellation), Cancellation);

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
