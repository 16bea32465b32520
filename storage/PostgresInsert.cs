using System.Reflection;
using Cyborg.Storage.Rows;
using LinqToDB.Mapping;
using Npgsql;

namespace Cyborg.Storage;

/// <summary>Inserts any number of rows of one table in one statement whose text never varies, so that it is prepared: each column travels as one array. A report of
/// a hundred handles costs a fraction of what a thousand single parameters would.</summary>
internal static class PostgresInsert<TRow> where TRow : Row
{
    private static readonly List<Column> s_columns =
    [
        .. typeof(TRow).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetCustomAttribute<IdentityAttribute>() is null)
            .Select(property => (Property: property, property.GetCustomAttribute<ColumnAttribute>()?.Name))
            .Where(pair => pair.Name is not null)
            .Select(pair => Column.Of(pair.Name!, pair.Property)),
    ];

    private static readonly string s_insert = string.Concat(
        $"INSERT INTO {typeof(TRow).GetCustomAttribute<TableAttribute>()!.Name} ({string.Join(", ", s_columns.Select(column => column.Name))}) ",
        $"SELECT * FROM unnest({string.Join(", ", s_columns.Select((column, n) => $"${n + 1}::{column.Type}[]"))})");

    private static readonly string s_returning = s_insert + " RETURNING uuid, id";

    /// <summary>Inserts rows.</summary>
    public static async Task RunAsync(Session session, IReadOnlyCollection<TRow> rows, CancellationToken cancellation)
    {
        var command = await CommandAsync(session, s_insert, rows, cancellation).ConfigureAwait(false);
        await using (command.ConfigureAwait(false))
            await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Inserts rows of a table with uuids; their keys.</summary>
    public static async Task<Dictionary<Guid, int>> KeysAsync(Session session, IReadOnlyCollection<TRow> rows, CancellationToken cancellation)
    {
        var keys = new Dictionary<Guid, int>(rows.Count);
        var command = await CommandAsync(session, s_returning, rows, cancellation).ConfigureAwait(false);
        await using (command.ConfigureAwait(false))
        {
            var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
                    keys.Add(reader.GetGuid(0), reader.GetInt32(1));
            }
        }
        return keys;
    }

    private static async Task<NpgsqlCommand> CommandAsync(Session session, string text, IReadOnlyCollection<TRow> rows, CancellationToken cancellation)
    {
        var connection = (NpgsqlConnection)await session.OpenDbConnectionAsync(cancellation).ConfigureAwait(false);
        var command = new NpgsqlCommand(text, connection);
        foreach (var column in s_columns)
            command.Parameters.Add(column.Array(rows));
        return command;
    }

    /// <summary>A column as an array of one value for each row.</summary>
    /// <param name="Name">Of the column.</param>
    /// <param name="Type">Of PostgreSQL.</param>
    /// <param name="Array">Makes the parameter.</param>
    private sealed record Column(string Name, string Type, Func<IReadOnlyCollection<TRow>, NpgsqlParameter> Array)
    {
        public static Column Of(string name, PropertyInfo property)
        {
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            return type switch
            {
                { IsEnum: true } => Typed(name, "text", Boxed(property), value => value?.ToString()),
                _ when type == typeof(string) => Typed(name, "text", Get<string?>(property), value => value),
                _ when type == typeof(Guid) => Plain<Guid>(name, "uuid", property),
                _ when type == typeof(int) => Plain<int>(name, "integer", property),
                _ when type == typeof(long) => Plain<long>(name, "bigint", property),
                _ when type == typeof(bool) => Plain<bool>(name, "boolean", property),
                _ when type == typeof(DateTimeOffset) => type == property.PropertyType
                    ? Typed(name, "timestamptz", Get<DateTimeOffset>(property), ColumnMapping.ToMicroseconds)
                    : Typed(name, "timestamptz", Get<DateTimeOffset?>(property), value => value is { } time ? ColumnMapping.ToMicroseconds(time) : (DateTimeOffset?)null),
                _ => throw new NotSupportedException($"{property.Name} of {typeof(TRow).Name} is of a type that is not inserted as an array"),
            };
        }

        private static Column Plain<T>(string name, string type, PropertyInfo property) where T : struct =>
            property.PropertyType == typeof(T)
                ? Typed(name, type, Get<T>(property), value => value)
                : Typed(name, type, Get<T?>(property), value => value);

        private static Column Typed<T, TValue>(string name, string type, Func<TRow, T> get, Func<T, TValue> convert) =>
            new(name, type, rows => new NpgsqlParameter<TValue[]> { TypedValue = [.. rows.Select(row => convert(get(row)))] });

        private static Func<TRow, T> Get<T>(PropertyInfo property) => property.GetMethod!.CreateDelegate<Func<TRow, T>>();

        private static Func<TRow, object?> Boxed(PropertyInfo property) => row => property.GetValue(row);
    }
}
