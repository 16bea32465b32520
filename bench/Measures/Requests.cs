using Npgsql;

namespace Cyborg.Bench;

/// <summary>Accelerator requests in great numbers.</summary>
internal static class Requests
{
    /// <summary>A list of a thousand of one project.</summary>
    public static async Task<Row> ListAsync(Bench bench)
    {
        await FillAsync(bench.Stage.Database, 1000);
        var request = RawHttp.Get("/v2/accelerator_requests");
        await RawHttp.BodyAsync(bench.Stage.ApiPort, request);
        await Statements.StartAsync(bench.Stage.Database);
        var took = new List<double>();
        var statements = await bench.TakeAsync(async () =>
        {
            // Whatever the conductor does of its own in the same moment is counted, too; the least of some is the list's.
            var least = double.MaxValue;
            for (var n = 0; n < 10; n++)
            {
                var counted = await Statements.CountAsync(bench.Stage.Database);
                took.Add(await RawHttp.LatencyAsync(bench.Stage.ApiPort, request, 1));
                least = Math.Min(least, await Statements.CountAsync(bench.Stage.Database) - counted);
            }
            return least;
        });
        return new Row("list of 1,000 ARQs", statements, "statements", $"{Figure.Of(took)} ms").Most(2, "at most 2 statements");
    }

    /// <summary>Makes ARQs of some other project until there are so many: no walk through the API, which is not what is measured here.</summary>
    public static async Task FillAsync(NpgsqlDataSource database, int count, string project = Keystone.Project)
    {
        await using var command = database.CreateCommand("""
            INSERT INTO extended_accelerator_requests (uuid, project_id, state, device_profile_id, device_profile_group_id, created_at)
            SELECT gen_random_uuid(), $1, 'Initial', (SELECT id FROM device_profiles WHERE name = $2), 0, now()
            FROM generate_series(1, $3 - (SELECT count(*) FROM extended_accelerator_requests)::int)
            """);
        command.Parameters.AddRange(new NpgsqlParameter[] { new() { Value = project }, new() { Value = Walker.Profile }, new() { Value = count } });
        await command.ExecuteNonQueryAsync();
        await using var analyze = database.CreateCommand("ANALYZE extended_accelerator_requests");
        await analyze.ExecuteNonQueryAsync();
    }

    /// <summary>Takes them away.</summary>
    public static async Task EmptyAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("DELETE FROM extended_accelerator_requests WHERE state = 'Initial'");
        await command.ExecuteNonQueryAsync();
    }
}
