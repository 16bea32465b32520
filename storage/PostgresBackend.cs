using System.Data;
using LinqToDB;
using LinqToDB.DataProvider.PostgreSQL;
using Npgsql;

namespace Cyborg.Storage;

/// <summary>PostgreSQL through Npgsql, with a pool per database object.</summary>
internal sealed class PostgresBackend : Backend
{
    /// <summary>Both halves of the advisory lock that a migration holds; no other lock uses the form with two halves.</summary>
    private const int SchemaLockClass = 0x43_59_42_47, SchemaLockObject = 1;

    private static int s_counter;

    private readonly NpgsqlDataSource _source;

    public PostgresBackend(NpgsqlConnectionStringBuilder settings)
    {
        // Statements that come twice on a connection are prepared from then on.
        settings.MaxAutoPrepare = 100;
        settings.AutoPrepareMinUsages = 2;
        // Nothing that a session does outlives its transaction, so that the next user of its connection need not pay for a reset of seven statements.
        settings.NoResetOnClose = true;
        var unpooled = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false, CommandTimeout = 0 };
        UnpooledConnectionString = unpooled.ConnectionString;
        SourceName = $"cyborg-{Interlocked.Increment(ref s_counter)}";
        Description = Describe(settings.Host!, settings.Port, settings.Database!);

        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = SourceName };
        _source = builder.Build();
        Options = new DataOptions()
            .UsePostgreSQL(PostgreSQLVersion.v13)
            .UseConnectionFactory(_ => _source.CreateConnection())
            .UseMappingSchema(ColumnMapping.Postgres);
    }

    public override DataOptions Options { get; }

    public override string Description { get; }

    public override IsolationLevel WriteIsolation => IsolationLevel.ReadCommitted;

    public override IsolationLevel SnapshotIsolation => IsolationLevel.RepeatableRead;

    /// <summary>For connections of a migration's own, without a time-out. With the password: for drivers only.</summary>
    public string UnpooledConnectionString { get; }

    /// <summary>Name by which Npgsql's diagnostics tell this object from others in the process.</summary>
    public string SourceName { get; }

    /// <summary>A pooled connection.</summary>
    public ValueTask<NpgsqlConnection> ConnectAsync(CancellationToken cancellation) => _source.OpenConnectionAsync(cancellation);

    /// <summary>A statement on a pooled connection of its own, which is prepared from its second time on.</summary>
    public NpgsqlCommand Command(string statement) => _source.CreateCommand(statement);

    public override Task OpenAsync(Session session, CancellationToken cancellation) => session.OpenDbConnectionAsync(cancellation);

    public override Task<T> WriteAsync<T>(Func<Task<T>> work, CancellationToken cancellation) => work();

    public override async Task<long?> VersionAsync(CancellationToken cancellation)
    {
        var connection = await _source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            return await Migrations.SchemaVersion.ReadAsync(connection, cancellation).ConfigureAwait(false);
        }
    }

    public override async Task<IAsyncDisposable> LockSchemaAsync(CancellationToken cancellation)
    {
        // A connection of its own, outside the pool: closing it gives the lock back whatever happened.
        var connection = new NpgsqlConnection(UnpooledConnectionString);
        try
        {
            await connection.OpenAsync(cancellation).ConfigureAwait(false);
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT pg_advisory_lock($1, $2)";
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = SchemaLockClass });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = SchemaLockObject });
            await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public override void ForgetConnections() => _source.Clear();

    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    private static string Describe(string host, int port, string database) =>
        host.StartsWith('/') ? $"postgresql:///{database}?host={host}"
        : host.Contains(',', StringComparison.Ordinal) ? $"postgresql://{host}/{database}"
        : $"postgresql://{host}:{port}/{database}";
}
