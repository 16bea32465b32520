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

    /// <summary>A batch that begins the transaction.</summary>
    internal PostgresBatch Begin()
    {
        _open = true;
        return new PostgresBatch(_connection).Add("BEGIN");
    }

    /// <summary>A batch of one statement without a transaction.</summary>
    internal PostgresBatch Alone() => new(_connection);

    /// <summary>A batch that goes on with the transaction.</summary>
    internal PostgresBatch GoOn() => new(_connection);

    /// <summary>Ends the batch and the transaction with it.</summary>
    internal async Task CommitAsync(PostgresBatch batch)
    {
        await batch.Add("COMMIT").RunAsync().ConfigureAwait(false);
        _open = false;
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
