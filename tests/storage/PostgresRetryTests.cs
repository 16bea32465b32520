using Cyborg.Storage.Rows;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.Data;

namespace Cyborg.Storage.Tests;

/// <summary>What PostgreSQL does to a transaction in the middle, each time for real.</summary>
public class PostgresRetryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deadlock_is_run_again_until_both_are_done()
    {
        await using var test = await TestDatabase.CreateAsync(DatabaseKind.Postgres, cancellation: Cancellation);
        using var bothHoldOne = new Barrier(2);
        var runs = 0;

        Task BothAsync(string first, string second, bool[] ran) => Task.Run(
            () => test.Database.TransactAsync(
                async session =>
                {
                    Interlocked.Increment(ref runs);
                    await RaiseAsync(session, first);
                    if (!ran[0])
                    {
                        ran[0] = true;
                        bothHoldOne.SignalAndWait(Cancellation);
                    }

                    await RaiseAsync(session, second);
                },
                Cancellation),
            Cancellation);
        await Task.WhenAll(
            BothAsync(RevisionRow.Devices, RevisionRow.Profiles, new bool[1]), BothAsync(RevisionRow.Profiles, RevisionRow.Devices, new bool[1]));

        Assert.Equal([2L, 2L], await RevisionsAsync(test));
        Assert.True(runs >= 3, $"{runs} runs");
    }

    [Fact]
    public async Task A_serialization_failure_is_run_again()
    {
        await using var test = await TestDatabase.CreateAsync(DatabaseKind.Postgres, cancellation: Cancellation);
        var runs = 0;

        await test.Database.TransactAsync(
            async session =>
            {
                await session.ExecuteAsync("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", Cancellation);
                await session.Revisions.ToListAsync(Cancellation);
                if (++runs == 1) await test.Database.TransactAsync(other => RaiseAsync(other, RevisionRow.Devices), Cancellation);
                await RaiseAsync(session, RevisionRow.Devices);
            },
            Cancellation);

        Assert.Equal(2, runs);
        Assert.Equal([2L, 0L], await RevisionsAsync(test));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_killed_in_the_middle_or_before_commit_is_run_again(bool beforeCommit)
    {
        using var logs = new ListLogger();
        await using var test = await TestDatabase.CreateAsync(DatabaseKind.Postgres, logs: logs, cancellation: Cancellation);
        var runs = 0;

        await test.Database.TransactAsync(
            async session =>
            {
                await RaiseAsync(session, RevisionRow.Devices);
                if (++runs == 1) await KillAsync(test, await session.ExecuteAsync<int>("SELECT pg_backend_pid()", Cancellation));
                if (!beforeCommit) await RaiseAsync(session, RevisionRow.Profiles);
            },
            Cancellation);

        Assert.Equal(2, runs);
        Assert.Equal([1L, beforeCommit ? 0L : 1L], await RevisionsAsync(test));
        Assert.Contains("ConnectionLost", logs.Lines.First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pool_of_dead_connections_is_no_error()
    {
        await using var test = await TestDatabase.CreateAsync(DatabaseKind.Postgres, cancellation: Cancellation);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => test.Database.ReadAsync(
            session => session.ExecuteAsync("SELECT pg_sleep(0.05)", Cancellation), Cancellation)));
        await using (var other = test.OpenAgain())
        {
            await other.ReadAsync(
                session => session.ExecuteAsync(
                    "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()", Cancellation),
                Cancellation);
        }

        Assert.Equal([0L, 0L], await RevisionsAsync(test));
    }

    [Fact]
    public async Task A_revision_is_read_although_all_pooled_connections_are_dead()
    {
        await using var test = await TestDatabase.CreateAsync(DatabaseKind.Postgres, cancellation: Cancellation);
        // Often enough to be a prepared statement.
        for (var n = 0; n < 4; n++)
            await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => RevisionStore.NowAsync(test.Database, RevisionRow.Devices, Cancellation)));
        await using (var other = test.OpenAgain())
        {
            await other.TransactAsync(session => RaiseAsync(session, RevisionRow.Devices), Cancellation);
            await other.ReadAsync(
                session => session.ExecuteAsync(
                    "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()", Cancellation),
                Cancellation);
        }

        Assert.Equal(1, await RevisionStore.NowAsync(test.Database, RevisionRow.Devices, Cancellation));
    }

    [Fact]
    public async Task Locks_of_the_same_instances_in_any_order_neither_overlap_nor_deadlock()
    {
        await using var test = await TestDatabase.CreateAsync(DatabaseKind.Postgres, cancellation: Cancellation);
        var instances = Enumerable.Range(0, 20).Select(_ => Guid.NewGuid()).ToArray();
        var (inside, runs) = (0, 0);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(
            () => test.Database.TransactAsync(
                async session =>
                {
                    Interlocked.Increment(ref runs);
                    await session.LockInstancesAsync(n % 2 == 0 ? instances : [.. instances.Reverse(), instances[0]], Cancellation);
                    Assert.Equal(1, Interlocked.Increment(ref inside));
                    await session.Revisions.ToListAsync(Cancellation);
                    Interlocked.Decrement(ref inside);
                },
                Cancellation),
            Cancellation)));

        Assert.Equal(8, runs);
    }

    [Fact]
    public async Task Statements_that_come_again_are_prepared()
    {
        await using var test = await TestDatabase.CreateAsync(DatabaseKind.Postgres, cancellation: Cancellation);

        var prepared = await test.Database.TransactAsync(
            async session =>
            {
                for (var n = 0; n < 3; n++) await session.Devices.Where(row => row.Uuid == Guid.NewGuid()).ToListAsync(Cancellation);
                return await session.ExecuteAsync<long>("SELECT count(*) FROM pg_prepared_statements", Cancellation);
            },
            Cancellation);

        Assert.True(prepared > 0);
    }

    private static Task<int> RaiseAsync(Session session, string kind) =>
        session.Revisions.Where(row => row.Kind == kind).Set(row => row.N, row => row.N + 1).UpdateAsync(Cancellation);

    private static Task<List<long>> RevisionsAsync(TestDatabase test) => test.Database.ReadAsync(
        session => session.Revisions.Where(row => row.Kind == RevisionRow.Devices || row.Kind == RevisionRow.Profiles)
            .OrderBy(row => row.Kind).Select(row => row.N).ToListAsync(Cancellation), Cancellation);

    private static async Task KillAsync(TestDatabase test, int pid)
    {
        await using var other = test.OpenAgain();
        await other.ReadAsync(session => session.ExecuteAsync($"SELECT pg_terminate_backend({pid}, 60000)", Cancellation), Cancellation);
    }
}
