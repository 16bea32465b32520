using Cyborg.Storage.Migrations;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.Data;

namespace Cyborg.Storage.Tests;

public class MigrationTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task An_empty_database_has_no_version_and_comes_up_to_date(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateEmptyAsync(kind, cancellation: Cancellation);

        Assert.Null(await test.Database.VersionAsync(Cancellation));
        await test.Database.MigrateAsync(Cancellation);

        Assert.Equal(Migrator.Latest, await test.Database.VersionAsync(Cancellation));
        var revisions = await test.Database.ReadAsync(session => session.Revisions.OrderBy(row => row.Kind).ToListAsync(Cancellation), Cancellation);
        Assert.Equal([("accelerators", 0L), ("devices", 0L), ("profiles", 0L)], revisions.Select(row => (row.Kind, row.N)));
    }

    [Theory, EachDatabase]
    public async Task Migrating_again_changes_nothing(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        await test.Database.TransactAsync(session => session.InsertIdAsync(Samples.Profile("kept")), Cancellation);

        await test.Database.MigrateAsync(Cancellation);

        Assert.Equal(1, await test.Database.ReadAsync(session => session.DeviceProfiles.CountAsync(Cancellation), Cancellation));
    }

    [Theory, EachDatabase]
    public async Task Eight_may_migrate_at_once(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateEmptyAsync(kind, cancellation: Cancellation);
        var databases = Enumerable.Range(0, 8).Select(_ => test.OpenAgain()).ToList();

        await Task.WhenAll(databases.Select(database => Task.Run(() => database.MigrateAsync(Cancellation), Cancellation)));

        foreach (var database in databases) await database.DisposeAsync();
        var lines = await test.Database.ReadAsync(
            session => session.ExecuteAsync<long>($"SELECT count(*) FROM {SchemaVersion.Table}", Cancellation), Cancellation);
        Assert.Equal(Migrator.Latest, lines);
    }

    [Theory, EachDatabase]
    public async Task Who_waited_for_the_lock_reads_the_version_again(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateEmptyAsync(kind, cancellation: Cancellation);
        await using var other = test.OpenAgain();
        Task waiting;
        await using (await test.Database.Backend.LockSchemaAsync(Cancellation))
        {
            waiting = other.MigrateAsync(Cancellation);
            Assert.NotSame(waiting, await Task.WhenAny(waiting, Task.Delay(200, Cancellation)));
            Assert.Null(await test.Database.VersionAsync(Cancellation));
        }

        await waiting;
        Assert.Equal(Migrator.Latest, await test.Database.VersionAsync(Cancellation));
    }

    [Theory, EachDatabase]
    public async Task A_schema_from_the_future_is_left_alone(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        await test.Database.TransactAsync(
            session => session.ExecuteAsync($"INSERT INTO {SchemaVersion.Table} (version) VALUES (999999)", Cancellation), Cancellation);

        var refused = await Assert.ThrowsAsync<DatabaseSchemaException>(() => test.Database.MigrateAsync(Cancellation));

        Assert.Contains("999999", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sqlite_is_in_wal_mode_and_its_folder_is_made()
    {
        var folder = Directory.CreateTempSubdirectory("cyborg-sqlite-").FullName;
        await using (var database = CyborgDatabase.Open($"sqlite:///{folder}/new/cyborg.db", Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, TimeProvider.System))
        {
            await database.MigrateAsync(Cancellation);
            Assert.Equal("wal", await database.ReadAsync(session => session.ExecuteAsync<string>("PRAGMA journal_mode", Cancellation), Cancellation));
            Assert.Equal(1, await database.ReadAsync(session => session.ExecuteAsync<long>("PRAGMA foreign_keys", Cancellation), Cancellation));
            Assert.Equal(2000, await database.ReadAsync(session => session.ExecuteAsync<long>("PRAGMA busy_timeout", Cancellation), Cancellation));
        }

        Directory.Delete(folder, recursive: true);
    }
}
