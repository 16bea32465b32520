using Npgsql;

namespace Cyborg.Storage;

/// <summary>Statements that go to PostgreSQL in one message and are answered in one: on a machine where everything is near, the way there and back costs more
/// than most statements. Each text is prepared by its second use on a connection; values travel beside it, lists as arrays, so that the text never varies.</summary>
internal sealed class PostgresBatch(NpgsqlConnection connection) : IAsyncDisposable
{
    private readonly NpgsqlBatch _batch = new(connection);

    /// <summary>One more statement; <c>$1</c> and so on stand for the values.</summary>
    public PostgresBatch Add(string sql, params ReadOnlySpan<NpgsqlParameter> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(value);
        _batch.BatchCommands.Add(command);
        return this;
    }

    /// <summary>As <see cref="Add"/>, for a statement that yields the rows it changed: unless there are so many, it fails, and with it the transaction. So a
    /// commit may follow in the same batch.</summary>
    public PostgresBatch AddExactly(int rows, string sql, params ReadOnlySpan<NpgsqlParameter> values) =>
        Add($"WITH changed AS ({sql}) SELECT 1 / (count(*) = ${values.Length + 1})::int FROM changed", [.. values, Value((long)rows)]);

    /// <summary>Sends them; the results come in the order of the statements.</summary>
    public Task<NpgsqlDataReader> ReadAsync() => _batch.ExecuteReaderAsync();

    /// <summary>The rows of the present result; then goes on to the next.</summary>
    public static async Task<List<T>> RowsAsync<T>(NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync().ConfigureAwait(false))
            rows.Add(read(reader));
        await reader.NextResultAsync().ConfigureAwait(false);
        return rows;
    }

    /// <summary>Sends them and waits for the last.</summary>
    public Task RunAsync() => _batch.ExecuteNonQueryAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _batch.DisposeAsync();

    /// <summary>A value of a statement.</summary>
    public static NpgsqlParameter Value<T>(T value) => new NpgsqlParameter<T> { TypedValue = value };
}
