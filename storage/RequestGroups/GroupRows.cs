using Cyborg.Model;
using Npgsql;
using static Cyborg.Storage.PostgresBatch;

namespace Cyborg.Storage;

/// <summary>What the groups of calls have in common: claims of their ids, and locks of instances and ARQs.</summary>
internal static class GroupRows
{
    /// <summary>Claims ids with their replies; yields those that were free. Two transactions with one id come one after the other, as in
    /// <see cref="RpcReplyStore.TryClaimAsync"/>.</summary>
    public static PostgresBatch Claim(this PostgresBatch batch, DateTimeOffset now, IEnumerable<(Guid Id, string Verb, byte[] Reply)> calls)
    {
        var all = calls.ToList();
        return batch.Add(
            """
            INSERT INTO rpc_replies (id, verb, reply, created_at) SELECT c.id, c.verb, c.reply, $1 FROM unnest($2, $3, $4) AS c (id, verb, reply)
            ORDER BY c.id ON CONFLICT DO NOTHING RETURNING id
            """,
            Value(now), Value(all.Select(call => call.Id).ToArray()), Value(all.Select(call => call.Verb).ToArray()), Value(all.Select(call => call.Reply).ToArray()));
    }

    /// <summary>Gives up claims of calls that are not done after all.</summary>
    public static PostgresBatch Unclaim(this PostgresBatch batch, IReadOnlyCollection<Guid> ids) =>
        ids.Count == 0 ? batch : batch.Add("DELETE FROM rpc_replies WHERE id = ANY($1)", Value(ids.ToArray()));

    /// <summary>Holds instances until the transaction ends, as <see cref="Session.LockInstancesAsync"/>; yields one row.</summary>
    public static PostgresBatch LockInstances(this PostgresBatch batch, IEnumerable<Guid> instances) =>
        batch.Add("SELECT count(pg_advisory_xact_lock(k)) FROM unnest($1) AS k", Value(Session.AdvisoryKeys(instances)));

    /// <summary>Locks ARQs by uuid or instance, in the order of their uuids; yields <see cref="ReadArq"/>.</summary>
    public static PostgresBatch LockArqs(this PostgresBatch batch, IEnumerable<Guid> uuids, IEnumerable<Guid> instances) =>
        batch.Add(
            """
            SELECT uuid, state, instance_uuid, device_profile_id, device_profile_group_id, generation, project_id
            FROM extended_accelerator_requests WHERE uuid = ANY($1) OR instance_uuid = ANY($2) ORDER BY uuid FOR UPDATE
            """,
            Value(uuids.ToArray()), Value(instances.ToArray()));

    /// <summary>A row of <see cref="LockArqs"/>.</summary>
    public static GroupedArq ReadArq(NpgsqlDataReader row) => new(
        new LockedArq(
            row.GetGuid(0),
            Enum.Parse<ArqState>(row.GetString(1)),
            row.IsDBNull(2) ? null : row.GetGuid(2),
            row.IsDBNull(3) ? null : row.GetInt32(3),
            row.GetInt32(4),
            row.GetInt64(5)),
        row.IsDBNull(6) ? null : row.GetString(6));

    /// <summary>States in which an ARQ may become another, as the database names them.</summary>
    public static string[] AllowedFrom(ArqState target) => [.. ArqStates.AllowedFrom[target].Select(state => state.ToString())];
}

/// <summary>An ARQ that is locked for a group of calls.</summary>
/// <param name="Arq">What a change must know.</param>
/// <param name="ProjectId">Its owner.</param>
public sealed record GroupedArq(LockedArq Arq, string? ProjectId);
