using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Cyborg.Storage;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Cyborg.TestServers;

/// <summary>Counts the SQL statements that one <see cref="CyborgDatabase"/> object sends, as the database driver sees them: on PostgreSQL
/// Npgsql's own activities (one per command, or per batch with the texts of all its statements), on SQLite sqlite3_profile (one per statement that has run; sqlite3_trace would show a
/// statement again for each foreign key that it checks). BEGIN, COMMIT, ROLLBACK,
/// SAVEPOINT, PRAGMA and SET LOCAL are not counted: Npgsql does not show the first three and sends BEGIN along with the next command.
/// Only sessions that begin after <see cref="Start"/> are seen. Other databases do not disturb, nor does another object of the same PostgreSQL
/// database; objects of the same SQLite file share a pool of connections, so count on each of them or have one.</summary>
public sealed class StatementCount : IDisposable
{
    private static readonly string[] s_uncounted = ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "SET LOCAL"];

    private readonly ConcurrentQueue<string> _texts = new();
    private Action? _stop;
    private int _roundTrips;

    private StatementCount()
    {
    }

    /// <summary>Number of statements so far.</summary>
    public int Statements => _texts.Count;

    /// <summary>How often something was sent to PostgreSQL and an answer awaited: a batch counts once. A COMMIT that goes alone is not seen.</summary>
    public int RoundTrips => _roundTrips;

    /// <summary>Their texts, oldest first; to be shown when a count is wrong.</summary>
    public IReadOnlyList<string> Texts => [.. _texts];

    /// <summary>Begins to count.</summary>
    public static StatementCount Start(CyborgDatabase database)
    {
        var count = new StatementCount();
        count._stop = database.Backend switch
        {
            PostgresBackend postgres => count.Listen(postgres.SourceName),
            SqliteBackend sqlite => SqliteTrace.Of(sqlite).Add(count),
            _ => throw new NotSupportedException(),
        };
        return count;
    }

    /// <summary>Forgets what was counted so far.</summary>
    public void Reset()
    {
        _texts.Clear();
        _roundTrips = 0;
    }

    /// <summary>Stops counting; the count stays.</summary>
    public void Dispose() => Interlocked.Exchange(ref _stop, null)?.Invoke();

    private Action Listen(string source)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = origin => origin.Name == "Npgsql",
            Sample = static (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.GetTagItem("db.npgsql.data_source") as string != source || activity.GetTagItem("db.query.text") is not string text)
                    return;
                Interlocked.Increment(ref _roundTrips);
                foreach (var statement in text.Split(";\n"))
                    Note(statement);
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener.Dispose;
    }

    private void Note(string text)
    {
        if (!s_uncounted.Any(word => text.AsSpan().TrimStart().StartsWith(word, StringComparison.OrdinalIgnoreCase))) _texts.Enqueue(text);
    }

    /// <summary>The tracing of one SQLite database object: one callback per connection, shared by its counts.</summary>
    private sealed class SqliteTrace
    {
        private static readonly ConditionalWeakTable<SqliteBackend, SqliteTrace> s_traces = [];

        private readonly ConcurrentDictionary<StatementCount, bool> _counts = new();
        private readonly strdelegate_profile _callback;

        private SqliteTrace(SqliteBackend backend)
        {
            _callback = (_, text, _) =>
            {
                foreach (var count in _counts.Keys) count.Note(text);
            };
            backend.Opened += Trace;
        }

        public static SqliteTrace Of(SqliteBackend backend) => s_traces.GetValue(backend, static key => new SqliteTrace(key));

        public Action Add(StatementCount count)
        {
            _counts[count] = true;
            return () => _counts.TryRemove(count, out _);
        }

        /// <summary>The connection comes from a pool: what an earlier session set on it is set anew or taken away.</summary>
        private void Trace(SqliteConnection connection) =>
            raw.sqlite3_profile(connection.Handle, _counts.IsEmpty ? null : _callback, null);
    }
}
