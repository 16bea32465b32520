using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage.Tests;

public class StatementCountTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Statements_are_counted_and_transactions_are_not(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        await test.Database.ReadAsync(session => session.Devices.CountAsync(Cancellation), Cancellation);
        using var count = StatementCount.Start(test.Database);

        await test.Database.TransactAsync(
            async session =>
            {
                await session.InsertIdAsync(Samples.Profile("one"), Cancellation);
                await session.DeviceProfiles.ToListAsync(Cancellation);
                await session.DeviceProfiles.Where(row => row.Name == "one").DeleteAsync(Cancellation);
            },
            Cancellation);

        Assert.True(count.Statements == 3, string.Join('\n', count.Texts));
        Assert.StartsWith("INSERT", count.Texts[0], StringComparison.Ordinal);

        // Values travel beside the text, so that the text can be prepared.
        Assert.DoesNotContain("groups", count.Texts[0], StringComparison.Ordinal);

        count.Reset();
        await test.Database.ReadSnapshotAsync(session => session.Devices.CountAsync(Cancellation), Cancellation);
        Assert.Equal(1, count.Statements);

        count.Dispose();
        await test.Database.ReadAsync(session => session.Devices.CountAsync(Cancellation), Cancellation);
        Assert.Equal(1, count.Statements);
    }

    [Theory, EachDatabase]
    public async Task A_statement_that_is_run_again_and_again_counts_each_time(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        using var count = StatementCount.Start(test.Database);

        for (var n = 0; n < 10; n++) await test.Database.ReadAsync(session => session.Devices.Where(row => row.Id == n).ToListAsync(Cancellation), Cancellation);

        Assert.Equal(10, count.Statements);
    }

    [Theory, EachDatabase]
    public async Task Counts_do_not_disturb_one_another(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        await using var elsewhere = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        await using var again = test.OpenAgain();
        CyborgDatabase[] databases = [test.Database, elsewhere.Database, again];
        StatementCount[] counts = [.. databases.Select(StatementCount.Start)];
        using var second = StatementCount.Start(test.Database);

        await Task.WhenAll(databases.Select((database, index) => Task.Run(
            async () =>
            {
                for (var n = 0; n < 5 * (index + 1); n++) await database.ReadAsync(session => session.Devices.CountAsync(Cancellation), Cancellation);
            },
            Cancellation)));

        Assert.Equal([5, 10, 15], counts.Select(count => count.Statements));
        Assert.Equal(5, second.Statements);
        foreach (var count in counts) count.Dispose();
    }

    [Theory, EachDatabase]
    public async Task Locking_many_instances_is_one_statement_or_none(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        using var count = StatementCount.Start(test.Database);

        await test.Database.TransactAsync(
            session => session.LockInstancesAsync(Enumerable.Range(0, 100).Select(_ => Guid.NewGuid()), Cancellation), Cancellation);

        Assert.Equal(kind == DatabaseKind.Postgres ? 1 : 0, count.Statements);
    }
}
