using System.Data;
using System.Diagnostics;
using Cyborg.Model;
using Microsoft.Extensions.Logging;

namespace Cyborg.Storage;

/// <summary>The database of one Cyborg: PostgreSQL, or one SQLite file. Safe for use from many tasks at once.</summary>
public sealed class CyborgDatabase : IAsyncDisposable
{
    /// <summary>How often a transaction is begun before its caller is told that it can not be done now.</summary>
    private const int Attempts = 8;

    /// <summary>When no further attempt is begun, however few there were: each may have waited for a time-out.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly Backend _backend;
    private readonly ILogger _log;
    private readonly TimeProvider _time;

    private CyborgDatabase(Backend backend, ILoggerFactory logs, TimeProvider time)
    {
        _backend = backend;
        _log = logs.CreateLogger<CyborgDatabase>();
        _time = time;
    }

    /// <summary>Version of the schema that this program works on.</summary>
    public static long SchemaVersion => Migrations.Migrator.Latest;

    /// <summary>True on PostgreSQL, false on SQLite.</summary>
    public bool IsPostgres => _backend is PostgresBackend;

    /// <summary>Where the database is, for logs: without user, password and arguments.</summary>
    public string Description => _backend.Description;

    internal Backend Backend => _backend;

    /// <summary>Reads the URL of <c>[database] connection</c>; nothing is connected yet.</summary>
    /// <param name="connectionUrl">See <see cref="DatabaseUrl"/>.</param>
    /// <param name="logs">Where retries and migrations are told.</param>
    /// <param name="time">Clock of the sessions' stamps.</param>
    /// <exception cref="DatabaseUrlException">The URL is malformed, or names a database that Cyborg does not run on.</exception>
    public static CyborgDatabase Open(string connectionUrl, ILoggerFactory logs, TimeProvider time)
    {
        var url = DatabaseUrl.Parse(connectionUrl);
        Backend backend = url.Postgres is { } settings ? new PostgresBackend(settings) : new SqliteBackend(url.SqlitePath!);
        return new CyborgDatabase(backend, logs, time);
    }

    /// <summary>Runs the work in one transaction and commits it: READ COMMITTED on PostgreSQL, the only writer of its file on SQLite.
    /// <para>The work may run more than once, each time in a new transaction with a new session: after a serialization failure, a deadlock,
    /// a busy SQLite file, and when the connection is lost. When it is lost during COMMIT nobody knows whether the transaction was done; the
    /// work is then run again all the same, because it is idempotent: a mutating call finds its own row in <c>rpc_replies</c>, anything else
    /// uses conditional updates. The work must therefore have no effect outside its session.</para></summary>
    /// <exception cref="FaultException">With <see cref="FaultCode.Unavailable"/>: the database can not be reached or stays too busy.</exception>
    public Task<T> TransactAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellation) =>
        RetryAsync(() => _backend.WriteAsync(() => RunAsync(work, _backend.WriteIsolation, cancellation), cancellation), cancellation);

    /// <summary>As <see cref="TransactAsync{T}"/>, for work without a result.</summary>
    public Task TransactAsync(Func<Session, Task> work, CancellationToken cancellation) =>
        TransactAsync<object?>(async session => { await work(session).ConfigureAwait(false); return null; }, cancellation);

    /// <summary>Runs reading work outside a transaction: each statement sees what is committed when it begins. Waits for no writer.</summary>
    /// <exception cref="FaultException">With <see cref="FaultCode.Unavailable"/>: the database can not be reached.</exception>
    public Task<T> ReadAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellation) =>
        RetryAsync(() => RunAsync(work, isolation: null, cancellation), cancellation);

    /// <summary>Runs reading work in one snapshot: all its statements see the same moment. Waits for no writer.</summary>
    /// <exception cref="FaultException">With <see cref="FaultCode.Unavailable"/>: the database can not be reached.</exception>
    public Task<T> ReadSnapshotAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellation) =>
        RetryAsync(() => RunAsync(work, _backend.SnapshotIsolation, cancellation), cancellation);

    /// <summary>A connection of PostgreSQL for statements that go out in batches. Nothing is tried again: whoever fails here falls back to
    /// <see cref="TransactAsync{T}"/>.</summary>
    /// <exception cref="InvalidOperationException">On SQLite.</exception>
    public async Task<Together> TogetherAsync(CancellationToken cancellation)
    {
        var postgres = _backend as PostgresBackend ?? throw new InvalidOperationException("only PostgreSQL takes statements in batches");
        return new Together(await postgres.ConnectAsync(cancellation).ConfigureAwait(false), Now());
    }

    /// <summary>The stamp of what is written now: UTC, whole microseconds.</summary>
    public DateTimeOffset Now() => ColumnMapping.ToMicroseconds(_time.GetUtcNow());

    /// <summary>Version of the schema, or null if the database is empty or does not exist yet.</summary>
    /// <exception cref="FaultException">With <see cref="FaultCode.Unavailable"/>: the database can not be reached.</exception>
    public Task<long?> VersionAsync(CancellationToken cancellation = default) =>
        RetryAsync(() => _backend.VersionAsync(cancellation), cancellation);

    /// <summary>Brings the schema up to date. Any number of processes may do so at once: one works, the others wait and find it done.</summary>
    /// <exception cref="DatabaseSchemaException">The schema is newer than this program.</exception>
    /// <exception cref="FaultException">With <see cref="FaultCode.Unavailable"/>: the database can not be reached.</exception>
    public Task MigrateAsync(CancellationToken cancellation = default)
    {
        var migrator = new Migrations.Migrator(_backend, _log);
        return RetryAsync<object?>(async () => { await migrator.RunAsync(cancellation).ConfigureAwait(false); return null; }, cancellation);
    }

    /// <summary>Makes sure that the schema is the one that this program works on, without changing it.</summary>
    /// <exception cref="FaultException">With <see cref="FaultCode.Unavailable"/>: there is none yet, or it is older; somebody has to upgrade it.</exception>
    /// <exception cref="DatabaseSchemaException">The schema is newer than this program.</exception>
    public async Task RequireSchemaAsync(CancellationToken cancellation = default)
    {
        var version = await VersionAsync(cancellation).ConfigureAwait(false);
        var latest = Migrations.Migrator.Latest;
        if (version > latest)
            throw new DatabaseSchemaException(version.Value, latest);
        if (version != latest)
            throw new FaultException(FaultCode.Unavailable, $"The database is at schema version {version ?? 0}, this program needs {latest}: run cyborg-dbsync upgrade.");
    }

    /// <summary>Closes what is pooled.</summary>
    public ValueTask DisposeAsync() => _backend.DisposeAsync();

    private async Task<T> RunAsync<T>(Func<Session, Task<T>> work, IsolationLevel? isolation, CancellationToken cancellation)
    {
        var session = new Session(_backend.Options, IsPostgres, Now());
        await using (session.ConfigureAwait(false))
        {
            await _backend.OpenAsync(session, cancellation).ConfigureAwait(false);
            if (isolation is not { } level) return await work(session).ConfigureAwait(false);

            // Disposing a session that has not committed rolls back.
            await session.BeginTransactionAsync(level, cancellation).ConfigureAwait(false);
            var result = await work(session).ConfigureAwait(false);
            foreach (var host in session.ChangedProviders) await RevisionStore.RaiseProvidersAsync(session, host, cancellation).ConfigureAwait(false);
            foreach (var kind in session.Changed) await RevisionStore.RaiseAsync(session, kind, cancellation).ConfigureAwait(false);
            await session.CommitTransactionAsync(cancellation).ConfigureAwait(false);
            return result;
        }
    }

    /// <summary>Tries until there is no error that passes, or no more patience: what every way to the database goes through.</summary>
    internal async Task<T> RetryAsync<T>(Func<Task<T>> attempt, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        for (var failures = 1; ; failures++)
        {
            try
            {
                return await attempt().ConfigureAwait(false);
            }
            catch (Exception error) when (Transient.Reason(error) is { } reason)
            {
                if (reason == TransientReason.ConnectionLost) _backend.ForgetConnections();
                if (failures == Attempts || Stopwatch.GetElapsedTime(began) > s_patience) throw Transient.GivenUp(reason, error);
                var delay = Transient.Delay(failures);
                Log.Retrying(_log, Description, reason, failures, (int)delay.TotalMilliseconds);
                await Task.Delay(delay, cancellation).ConfigureAwait(false);
            }
        }
    }
}
