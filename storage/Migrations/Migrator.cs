using FluentMigrator.Runner;
using FluentMigrator.Runner.VersionTableInfo;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cyborg.Storage.Migrations;

/// <summary>Brings a schema up to date, one process at a time.</summary>
internal sealed class Migrator(Backend backend, ILogger log)
{
    /// <summary>Version that this program works on.</summary>
    public static long Latest => ServerChecks.Version;

    public async Task RunAsync(CancellationToken cancellation)
    {
        if (await IsDoneAsync(cancellation).ConfigureAwait(false)) return;
        var schemaLock = await backend.LockSchemaAsync(cancellation).ConfigureAwait(false);
        await using (schemaLock.ConfigureAwait(false))
        {
            // Whoever held the lock before may have done the work.
            if (await IsDoneAsync(cancellation).ConfigureAwait(false)) return;
            var from = await backend.VersionAsync(cancellation).ConfigureAwait(false) ?? 0;
            await UseWalAsync(cancellation).ConfigureAwait(false);
            Apply(backend, Latest);
            Log.Migrated(log, backend.Description, from, Latest);
        }
    }

    private async Task<bool> IsDoneAsync(CancellationToken cancellation)
    {
        var version = await backend.VersionAsync(cancellation).ConfigureAwait(false);
        if (version > Latest) throw new DatabaseSchemaException(version.Value, Latest);
        return version == Latest;
    }

    /// <summary>WAL is a property of the file, and can not be set inside a migration's transaction.</summary>
    private async Task UseWalAsync(CancellationToken cancellation)
    {
        if (backend is not SqliteBackend sqlite) return;
        var connection = new SqliteConnection(sqlite.ConnectionString);
        await using (connection.ConfigureAwait(false))
        {
            await connection.OpenAsync(cancellation).ConfigureAwait(false);
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = WAL";
            await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Each migration is one transaction, with its line in the version table.</summary>
    /// <param name="backend">The database.</param>
    /// <param name="version">The last one to be applied.</param>
    internal static void Apply(Backend backend, long version)
    {
        using var provider = new ServiceCollection()
            .AddFluentMigratorCore()
            .ConfigureRunner(runner =>
            {
                var chosen = backend is PostgresBackend postgres
                    ? runner.AddPostgres11_0().WithGlobalConnectionString(postgres.UnpooledConnectionString)
                    : runner.AddSQLite().WithGlobalConnectionString(((SqliteBackend)backend).ConnectionString);
                chosen.ScanIn(typeof(Migrator).Assembly).For.Migrations();
            })
            .AddScoped<IVersionTableMetaData, SchemaVersion>()
            .BuildServiceProvider(validateScopes: false);
        using var scope = provider.CreateScope();
        scope.ServiceProvider.GetRequiredService<IMigrationRunner>().MigrateUp(version);
    }
}
