using Npgsql;
using NpgsqlTypes;

namespace Cyborg.Bench;

/// <summary>The SQL of one walk as a careful hand would write it: the same tables, the same locks, the same durability (replies by idempotency id, the event
/// owed to Nova), prepared, and nothing else. Four transactions: create, bind, list, delete.</summary>
internal sealed class BareWalk : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly int _profile;
    private readonly int _deployable;

    private BareWalk(NpgsqlConnection connection, int profile, int deployable) => (_connection, _profile, _deployable) = (connection, profile, deployable);

    public static async Task<BareWalk> OpenAsync(NpgsqlDataSource database, Guid provider)
    {
        var connection = await database.OpenConnectionAsync();
        return new BareWalk(
            connection,
            await ScalarAsync<int>(connection, "SELECT id FROM device_profiles WHERE name = $1", Walker.Profile),
            await ScalarAsync<int>(connection, "SELECT id FROM deployables WHERE rp_uuid = $1", provider));
    }

    public async Task WalkAsync()
    {
        var (arq, instance) = (Guid.NewGuid(), Guid.NewGuid());
        await CreateAsync(arq);
        await BindAsync(arq, instance);
        await ListAsync(instance);
        await DeleteAsync(arq);
    }

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();

    private async Task CreateAsync(Guid arq)
    {
        await using var transaction = await _connection.BeginTransactionAsync();
        var reply = await ReplyAsync("arq.create");
        await DoAsync("""
            INSERT INTO extended_accelerator_requests (uuid, project_id, state, device_profile_id, device_profile_group_id, created_at)
            VALUES ($1, $2, 'Initial', $3, 0, now())
            """, arq, Keystone.Project, _profile);
        await DoAsync("UPDATE rpc_replies SET reply = $2 WHERE id = $1", reply, new byte[400]);
        await transaction.CommitAsync();
    }

    private async Task BindAsync(Guid arq, Guid instance)
    {
        await using var transaction = await _connection.BeginTransactionAsync();
        var reply = await ReplyAsync("arq.bind");
        await DoAsync("SELECT pg_advisory_xact_lock($1)", BitConverter.ToInt64(instance.ToByteArray()));
        await DoAsync("SELECT state FROM extended_accelerator_requests WHERE uuid = $1 FOR UPDATE", arq);
        await DoAsync("SELECT 1 FROM extended_accelerator_requests WHERE instance_uuid = $1", instance);
        await DoAsync("SELECT d.id, v.state, v.missing FROM deployables d JOIN devices v ON v.id = d.device_id WHERE d.id = $1", _deployable);
        var handle = await ScalarAsync<int>(
            _connection, "SELECT id FROM attach_handles WHERE deployable_id = $1 AND state = 'Free' AND NOT missing ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED", _deployable);
        await DoAsync("UPDATE attach_handles SET state = 'Held', arq_uuid = $2, generation = generation + 1 WHERE id = $1 AND state = 'Free'", handle, arq);
        await DoAsync("""
            UPDATE extended_accelerator_requests SET state = 'Bound', hostname = 'bench', instance_uuid = $2, generation = generation + 1, updated_at = now()
            WHERE uuid = $1 AND state = 'Initial'
            """, arq, instance);
        await DoAsync("UPDATE rpc_replies SET reply = $2 WHERE id = $1", reply, new byte[40]);
        await transaction.CommitAsync();
    }

    private Task ListAsync(Guid instance) => DoAsync("""
        SELECT a.*, p.name, h.uuid, h.attach_type, h.attach_info FROM extended_accelerator_requests a JOIN device_profiles p ON p.id = a.device_profile_id
        LEFT JOIN attach_handles h ON h.arq_uuid = a.uuid AND h.state = 'Held' WHERE a.instance_uuid = $1 ORDER BY a.id
        """, instance);

    private async Task DeleteAsync(Guid arq)
    {
        await using var transaction = await _connection.BeginTransactionAsync();
        var reply = await ReplyAsync("arq.delete");
        await DoAsync("SELECT state FROM extended_accelerator_requests WHERE uuid = $1 FOR UPDATE", arq);
        await DoAsync("UPDATE attach_handles SET state = 'Free', arq_uuid = NULL, generation = generation + 1 WHERE arq_uuid = $1", arq);
        await DoAsync("DELETE FROM extended_accelerator_requests WHERE uuid = $1", arq);
        await DoAsync("UPDATE rpc_replies SET reply = $2 WHERE id = $1", reply, new byte[40]);
        await transaction.CommitAsync();
    }

    private async Task<Guid> ReplyAsync(string verb)
    {
        var id = Guid.NewGuid();
        await DoAsync("INSERT INTO rpc_replies (id, verb, created_at) VALUES ($1, $2, now()) ON CONFLICT DO NOTHING", id, verb);
        return id;
    }

    private async Task DoAsync(string sql, params object[] values)
    {
        await using var command = Command(_connection, sql, values);
        // Kept by the connection: prepared once, executed often.
        await command.PrepareAsync();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
        }
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlConnection connection, string sql, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        await command.PrepareAsync();
        return (T)(await command.ExecuteScalarAsync() ?? throw new InvalidOperationException($"nothing was found by: {sql}"));
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(value is byte[]? new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlDbType.Bytea } : new NpgsqlParameter { Value = value });
        return command;
    }
}
