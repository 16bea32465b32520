using System.Collections.Concurrent;
using System.Data;
using Cyborg.Model;
using LinqToDB;
using LinqToDB.DataProvider.SQLite;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Cyborg.Storage;

/// <summary>One SQLite file in WAL mode: any number of readers, one writer. Within the process the writers queue at a gate, so that they do
/// not burn time on a busy file; between processes SQLite's own lock and time-out decide.</summary>
internal sealed class SqliteBackend : Backend
{
    /// <summary>How long SQLite itself waits for another process's writer.</summary>
    private const int BusyMilliseconds = 2_000;

    /// <summary>How long a writer waits at the gate: far above any transaction, so only a stuck one shows.</summary>
    private static readonly TimeSpan s_gatePatience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan s_lockPoll = TimeSpan.FromMilliseconds(50);

    private static readonly ConcurrentDictionary<string, SemaphoreSlim> s_gates = new(StringComparer.Ordinal);

    private readonly SemaphoreSlim _gate;

    public SqliteBackend(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        _gate = s_gates.GetOrAdd(Path, static _ => new SemaphoreSlim(1, 1));
        ConnectionString = new SqliteConnectionStringBuilder
        {
            DataSource = Path,
            ForeignKeys = true,
            // Microsoft.Data.Sqlite asks again by itself until so many seconds have passed; SQLite's own wait is enough.
            DefaultTimeout = 1,
        }.ConnectionString;
        Options = new DataOptions()
            .UseSQLite(SQLiteProvider.Microsoft)
            .UseConnectionFactory(_ => new SqliteConnection(ConnectionString))
            .UseMappingSchema(ColumnMapping.Sqlite);
    }

    public override DataOptions Options { get; }

    public override string Description => $"sqlite:///{Path}";

    /// <summary>Microsoft.Data.Sqlite begins IMMEDIATE for it.</summary>
    public override IsolationLevel WriteIsolation => IsolationLevel.Serializable;

    /// <summary>Microsoft.Data.Sqlite begins a deferred transaction for it, which in WAL mode is a snapshot.</summary>
    public override IsolationLevel SnapshotIsolation => IsolationLevel.ReadUncommitted;

    public string Path { get; }

    public string ConnectionString { get; }

    /// <summary>Sees each connection that a session opens, before its first statement; tests count statements with it.</summary>
    public Action<SqliteConnection>? Opened { get; set; }

    public override async Task OpenAsync(Session session, CancellationToken cancellation)
    {
        var connection = (SqliteConnection)await session.OpenDbConnectionAsync(cancellation).ConfigureAwait(false);
        raw.sqlite3_busy_timeout(connection.Handle, BusyMilliseconds);
        Opened?.Invoke(connection);
    }

    public override async Task<T> WriteAsync<T>(Func<Task<T>> work, CancellationToken cancellation)
    {
        if (!await _gate.WaitAsync(s_gatePatience, cancellation).ConfigureAwait(false))
            throw new FaultException(FaultCode.Unavailable, "The database is too busy; try again.");
        try
        {
            return await work().ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    public override async Task<long?> VersionAsync(CancellationToken cancellation)
    {
        // Asking must not make an empty file.
        if (!File.Exists(Path)) return null;
        var connection = new SqliteConnection(ConnectionString);
        await using (connection.ConfigureAwait(false))
        {
            await connection.OpenAsync(cancellation).ConfigureAwait(false);
            return await Migrations.SchemaVersion.ReadAsync(connection, cancellation).ConfigureAwait(false);
        }
    }

    public override async Task<IAsyncDisposable> LockSchemaAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);

        // The lock file stays: who deletes it takes it from under those who wait for it.
        while (true)
        {
            try
            {
                return new FileStream(Path + ".migration-lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException error) when (error is not (DirectoryNotFoundException or PathTooLongException))
            {
                await Task.Delay(s_lockPoll, cancellation).ConfigureAwait(false);
            }
        }
    }

    public override void ForgetConnections() => SqliteConnection.ClearPool(new SqliteConnection(ConnectionString));

    public override ValueTask DisposeAsync()
    {
        ForgetConnections();
        return ValueTask.CompletedTask;
    }
}
