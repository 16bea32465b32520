using System.Reflection;
using Cyborg.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace Cyborg.TestServers;

/// <summary>The databases that Cyborg runs on.</summary>
public enum DatabaseKind
{
    /// <summary>One file.</summary>
    Sqlite,
    /// <summary>A server, see <see cref="PostgresServer"/>.</summary>
    Postgres,
}

/// <summary>Beside <c>[Theory]</c>: runs the test once on each kind of database.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EachDatabaseAttribute : DataAttribute
{
    /// <inheritdoc/>
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>([.. Enum.GetValues<DatabaseKind>().Select(kind => new TheoryDataRow(kind))]);

    /// <inheritdoc/>
    public override bool SupportsDiscoveryEnumeration() => true;
}

/// <summary>A database of one test's own, gone after it.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private static readonly SemaphoreSlim s_templateTurn = new(1, 1);
    private static byte[]? s_sqliteTemplate;

    private readonly string? _folder;

    private TestDatabase(DatabaseKind kind, string url, string? folder, TimeProvider time, ILoggerFactory logs)
    {
        Kind = kind;
        Url = url;
        _folder = folder;
        Database = CyborgDatabase.Open(url, logs, time);
    }

    /// <summary>Its kind.</summary>
    public DatabaseKind Kind { get; }

    /// <summary>What <c>[database] connection</c> would say; other processes may open it.</summary>
    public string Url { get; }

    /// <summary>The database, open.</summary>
    public CyborgDatabase Database { get; }

    /// <summary>Makes a database with the current schema. Skips or fails the test if its server is missing.</summary>
    public static Task<TestDatabase> CreateAsync(
        DatabaseKind kind, TimeProvider? time = null, ILoggerFactory? logs = null, CancellationToken cancellation = default) =>
        CreateAsync(kind, migrated: true, time, logs, cancellation);

    /// <summary>Makes an empty database. Skips or fails the test if its server is missing.</summary>
    public static Task<TestDatabase> CreateEmptyAsync(
        DatabaseKind kind, TimeProvider? time = null, ILoggerFactory? logs = null, CancellationToken cancellation = default) =>
        CreateAsync(kind, migrated: false, time, logs, cancellation);

    /// <summary>Opens the same database a second time, as another process would.</summary>
    public CyborgDatabase OpenAgain(TimeProvider? time = null) =>
        CyborgDatabase.Open(Url, NullLoggerFactory.Instance, time ?? TimeProvider.System);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        if (_folder is null)
        {
            await (await Servers.RequirePostgresAsync()).DropDatabaseAsync(Url, CancellationToken.None);
            return;
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<TestDatabase> CreateAsync(
        DatabaseKind kind, bool migrated, TimeProvider? time, ILoggerFactory? logs, CancellationToken cancellation)
    {
        time ??= TimeProvider.System;
        logs ??= NullLoggerFactory.Instance;
        if (kind == DatabaseKind.Postgres)
        {
            var server = await Servers.RequirePostgresAsync();
            var url = migrated ? await server.CreateDatabaseAsync(cancellation) : await server.CreateEmptyDatabaseAsync(cancellation);
            return new TestDatabase(kind, url, null, time, logs);
        }

        var folder = Directory.CreateTempSubdirectory("cyborg-sqlite-").FullName;
        var file = Path.Combine(folder, "cyborg.db");
        if (migrated) await File.WriteAllBytesAsync(file, await SqliteTemplateAsync(cancellation), cancellation);
        return new TestDatabase(kind, "sqlite:///" + file, folder, time, logs);
    }

    /// <summary>The bytes of a migrated file, made once.</summary>
    private static async Task<byte[]> SqliteTemplateAsync(CancellationToken cancellation)
    {
        await s_templateTurn.WaitAsync(cancellation);
        try
        {
            return s_sqliteTemplate ??= await MakeSqliteTemplateAsync(cancellation);
        }
        finally
        {
            s_templateTurn.Release();
        }
    }

    private static async Task<byte[]> MakeSqliteTemplateAsync(CancellationToken cancellation)
    {
        await using var template = await CreateEmptyAsync(DatabaseKind.Sqlite, cancellation: cancellation);
        await template.Database.MigrateAsync(cancellation);
        var file = template.Url["sqlite:///".Length..];
        await using (var connection = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            // Into the file itself, and out of the write-ahead log.
            await connection.OpenAsync(cancellation);
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            await command.ExecuteNonQueryAsync(cancellation);
        }

        return await File.ReadAllBytesAsync(file, cancellation);
    }
}
