using Npgsql;

namespace Cyborg.Bench;

/// <summary>Statements that PostgreSQL has run, as it counts them itself (pg_stat_statements; BEGIN and COMMIT are not counted).</summary>
internal static class Statements
{
    public static async Task StartAsync(NpgsqlDataSource database)
    {
        await DoAsync(database, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
        await DoAsync(database, "SELECT pg_stat_statements_reset()");
    }

    public static async Task<long> CountAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%'");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task DoAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
