using Cyborg.Model;
using Npgsql;
using static Cyborg.Storage.PostgresBatch;

namespace Cyborg.Storage;

/// <summary>One call that binds ARQs, of several that are done together.</summary>
/// <param name="CallId">Its idempotency id.</param>
/// <param name="Scope">Whose ARQs it sees.</param>
/// <param name="CallersProject">Who owns them afterwards, unless a binding says so.</param>
/// <param name="Bindings">What it binds.</param>
public sealed record GroupedBind(Guid CallId, ProjectScope Scope, string? CallersProject, IReadOnlyList<ArqBinding> Bindings);

/// <summary>A deployable as a group of binds finds it; kept from being programmed until the transaction ends.</summary>
/// <param name="RpUuid">Its resource provider.</param>
/// <param name="Missing">True if its device has vanished from its host, or it alone.</param>
/// <param name="DeviceState">State of its device.</param>
/// <param name="Programming">True while it is being programmed.</param>
public sealed record GroupedProvider(Guid RpUuid, bool Missing, DeviceState DeviceState, bool Programming);

/// <summary>A free handle that is locked.</summary>
/// <param name="RpUuid">Resource provider of its deployable.</param>
/// <param name="Handle">The handle.</param>
public sealed record GroupedHandle(Guid RpUuid, FreeHandle Handle);

/// <summary>All that a group of binds has to know. What is shown here is locked, in the house's order.</summary>
/// <param name="Claimed">Calls that were not done before.</param>
/// <param name="Arqs">The ARQs that there are.</param>
/// <param name="InstanceArqs">ARQs that the instances have, whosever.</param>
/// <param name="Providers">The deployables that there are.</param>
/// <param name="Handles">Free handles, as many of each provider as are wanted of it, lowest first; fewer if others have locked some.</param>
public sealed record BindLook(
    IReadOnlySet<Guid> Claimed, IReadOnlyList<GroupedArq> Arqs, IReadOnlyList<(Guid Arq, Guid Instance)> InstanceArqs,
    IReadOnlyList<GroupedProvider> Providers, IReadOnlyList<GroupedHandle> Handles);

/// <summary>One ARQ that is bound, with the handle it gets.</summary>
/// <param name="Binding">What Nova said.</param>
/// <param name="ProjectId">Its owner from now on; null leaves the one it has.</param>
/// <param name="HandleId">Key of the handle.</param>
/// <param name="Generation">The ARQ's generation after the bind.</param>
public sealed record GroupedTaking(ArqBinding Binding, string? ProjectId, int HandleId, long Generation);

/// <summary>What else a group of binds writes.</summary>
/// <param name="NotDone">Calls that were claimed and are not done.</param>
/// <param name="TellNova">True if Nova is owed an event of each.</param>
/// <param name="CheckAfterSeconds">When Nova may first be asked for the instance.</param>
public sealed record BindTerms(IReadOnlyCollection<Guid> NotDone, bool TellNova, double CheckAfterSeconds);

/// <summary>Binds the ARQs of several calls in one transaction of two batches: look, and commit. PostgreSQL only.</summary>
public static class BindGroup
{
    private static readonly string[] s_startable = GroupRows.AllowedFrom(ArqState.BindStarted);

    /// <summary>Claims the calls, locks what they need, and shows it.</summary>
    /// <param name="together">A connection; the transaction begins here.</param>
    /// <param name="verb">Name under which the replies are stored.</param>
    /// <param name="reply">The reply of each call that is done.</param>
    /// <param name="calls">The calls.</param>
    public static async Task<BindLook> LookAsync(Together together, string verb, byte[] reply, IReadOnlyList<GroupedBind> calls)
    {
        List<ArqBinding> bindings = [.. calls.SelectMany(call => call.Bindings)];
        var instances = bindings.Select(binding => binding.InstanceUuid).Distinct().ToArray();
        var wanted = bindings.CountBy(binding => binding.DeviceRpUuid).ToList();
        var batch = together.Begin()
            .Claim(together.Now, calls.Select(call => (call.CallId, verb, reply)))
            .LockInstances(instances)
            .LockArqs(bindings.Select(binding => binding.ArqUuid), [])
            .Add("SELECT uuid, instance_uuid FROM extended_accelerator_requests WHERE instance_uuid = ANY($1)", Value(instances))
            .Add(
                """
                SELECT d.rp_uuid, d.missing OR v.missing, v.state, d.program_began IS NOT NULL
                FROM deployables d JOIN devices v ON v.id = d.device_id WHERE d.rp_uuid = ANY($1) ORDER BY d.id FOR SHARE OF d
                """,
                Value(wanted.Select(pair => pair.Key).ToArray()))
            .Add(
                """
                SELECT w.rp_uuid, h.id, h.host_work FROM unnest($1, $2) AS w (rp_uuid, n) JOIN deployables d ON d.rp_uuid = w.rp_uuid CROSS JOIN LATERAL (
                    SELECT f.id, f.host_work FROM attach_handles f WHERE f.deployable_id = d.id AND f.state = 'Free' AND NOT f.missing
                    ORDER BY f.id LIMIT w.n FOR UPDATE SKIP LOCKED) h
                """,
                Value(wanted.Select(pair => pair.Key).ToArray()), Value(wanted.Select(pair => pair.Value).ToArray()));
        await using (batch.ConfigureAwait(false))
        {
            var reader = await batch.ReadAsync().ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
                return await ReadAsync(reader).ConfigureAwait(false);
        }
    }

    /// <summary>Writes what was decided and commits.</summary>
    /// <exception cref="PostgresException">Something is not as it was locked: a defect. Nothing is written.</exception>
    public static async Task CommitAsync(Together together, IReadOnlyList<GroupedTaking> takings, BindTerms terms)
    {
        var arqs = takings.Select(taking => taking.Binding.ArqUuid).ToArray();
        var instances = takings.Select(taking => taking.Binding.InstanceUuid).ToArray();
        var batch = together.GoOn()
            .AddExactly(
                takings.Count,
                """
                UPDATE extended_accelerator_requests a SET state = 'Bound', hostname = b.hostname, device_rp_uuid = b.rp_uuid, instance_uuid = b.instance_uuid,
                    project_id = coalesce(b.project_id, a.project_id), generation = a.generation + 1, check_after = now() + make_interval(secs => $7), updated_at = $8
                FROM unnest($1, $2, $3, $4, $5) AS b (uuid, hostname, rp_uuid, instance_uuid, project_id) WHERE a.uuid = b.uuid AND a.state = ANY($6) RETURNING 1
                """,
                Value(arqs),
                Value(takings.Select(taking => taking.Binding.Hostname).ToArray()),
                Value(takings.Select(taking => taking.Binding.DeviceRpUuid).ToArray()),
                Value(instances),
                Value(takings.Select(taking => taking.ProjectId).ToArray()),
                Value(s_startable),
                Value(terms.CheckAfterSeconds),
                Value(together.Now))
            .AddExactly(
                takings.Count,
                """
                UPDATE attach_handles h SET state = 'Held', arq_uuid = t.arq_uuid, generation = h.generation + 1, wants_image = NULL, wants_function = NULL,
                    to_host = false, job = NULL, job_began = now(), updated_at = $3
                FROM unnest($1, $2) AS t (id, arq_uuid) WHERE h.id = t.id AND h.state = 'Free' RETURNING 1
                """,
                Value(takings.Select(taking => taking.HandleId).ToArray()), Value(arqs), Value(together.Now));
        await using (batch.ConfigureAwait(false))
        {
            if (terms.TellNova)
            {
                batch.Add(
                    """
                    INSERT INTO nova_events (instance_uuid, arq_uuid, generation, status, attempts, send_after, created_at)
                    SELECT e.instance_uuid, e.arq_uuid, e.generation, $4, 0, 'epoch', $5 FROM unnest($1, $2, $3) AS e (instance_uuid, arq_uuid, generation)
                    """,
                    Value(instances), Value(arqs), Value(takings.Select(taking => taking.Generation).ToArray()), Value(NovaEventStore.Completed), Value(together.Now));
            }
            await together.CommitAsync(batch.Unclaim(terms.NotDone)).ConfigureAwait(false);
        }
    }

    private static async Task<BindLook> ReadAsync(NpgsqlDataReader reader)
    {
        var claimed = await RowsAsync(reader, row => row.GetGuid(0)).ConfigureAwait(false);
        await RowsAsync(reader, row => row.GetInt64(0)).ConfigureAwait(false);
        var arqs = await RowsAsync(reader, GroupRows.ReadArq).ConfigureAwait(false);
        var others = await RowsAsync(reader, row => (row.GetGuid(0), row.GetGuid(1))).ConfigureAwait(false);
        var providers = await RowsAsync(
            reader, row => new GroupedProvider(row.GetGuid(0), row.GetBoolean(1), Enum.Parse<DeviceState>(row.GetString(2)), row.GetBoolean(3))).ConfigureAwait(false);
        var handles = await RowsAsync(
            reader, row => new GroupedHandle(row.GetGuid(0), new FreeHandle(row.GetInt32(1), row.GetBoolean(2)))).ConfigureAwait(false);
        return new BindLook(claimed.ToHashSet(), arqs, others, providers, handles);
    }
}
