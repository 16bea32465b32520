using Npgsql;

namespace Cyborg.Storage;

/// <summary>One transaction on PostgreSQL whose statements go out in a few batches instead of one by one. For work that is done often and mostly succeeds: whoever
/// finds that a call is not of that kind leaves it to <see cref="CyborgDatabase.TransactAsync{T}"/>, which knows all the rest.</summary>
public sealed class Together : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private bool _open;

    internal Together(NpgsqlConnection connection, DateTimeOffset now) => (_connection, Now) = (connection, now);

    /// <summary>The stamp for everything that is written, as <see cref="Session.Now"/>.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>A batch that begins the transaction. Its statements are planned once: each names its rows by key, a few at a time, so that a plan of its own for each
    /// list of keys would cost more than it finds, and scans of whole tables are never right.</summary>
    internal PostgresBatch Begin()
    {
        _open = true;
        return new PostgresBatch(_connection).Add("BEGIN").Add("SET LOCAL plan_cache_mode = force_generic_plan").Add("SET LOCAL enable_seqscan = off");
    }

    /// <summary>A batch that goes on with the transaction.</summary>
    internal PostgresBatch GoOn() => new(_connection);

    /// <summary>Ends the batch and the transaction with it.</summary>
    internal async Task CommitAsync(PostgresBatch batch)
    {
        await batch.Add("COMMIT").RunAsync().ConfigureAwait(false);
        _open = false;
    }

    /// <summary>As <see cref="CommitAsync"/>, for a batch that also yields rows.</summary>
    internal async Task<List<T>> CommitAsync<T>(PostgresBatch batch, Func<NpgsqlDataReader, T> read)
    {
        var reader = await batch.Add("COMMIT").ReadAsync().ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            var rows = await PostgresBatch.RowsAsync(reader, read).ConfigureAwait(false);
            _open = false;
            return rows;
        }
    }

    /// <summary>Undoes what was not committed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_open && _connection.FullState == System.Data.ConnectionState.Open)
        {
            var batch = new PostgresBatch(_connection).Add("ROLLBACK");
            await using (batch.ConfigureAwait(false))
                await batch.RunAsync().ConfigureAwait(false);
        }
        await _connection.DisposeAsync().ConfigureAwait(false);
    }
}
