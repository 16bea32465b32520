using Cyborg.Model;
using Npgsql;
using static Cyborg.Storage.PostgresBatch;

namespace Cyborg.Storage;

/// <summary>One call that deletes ARQs, of several that are done together.</summary>
/// <param name="CallId">Its idempotency id.</param>
/// <param name="Verb">Name under which its reply is stored.</param>
/// <param name="Scope">Whose ARQs it sees.</param>
/// <param name="Uuids">What it deletes by uuid: all or none.</param>
/// <param name="Instance">The instance whose ARQs it deletes instead; none is fine.</param>
/// <param name="AlsoBound">True if it may delete what is bound to an instance.</param>
public sealed record GroupedDelete(Guid CallId, string Verb, ProjectScope Scope, IReadOnlyList<Guid> Uuids, Guid? Instance, bool AlsoBound);

/// <summary>All that a group of deletes has to know; ARQs and instances are locked.</summary>
/// <param name="Claimed">Calls that were not done before.</param>
/// <param name="Arqs">The ARQs that there are.</param>
/// <param name="Tied">ARQs with more to be undone than a row: a handle that needs work on its host, or an attachment.</param>
public sealed record DeleteLook(IReadOnlySet<Guid> Claimed, IReadOnlyList<GroupedArq> Arqs, IReadOnlySet<Guid> Tied);

/// <summary>Deletes the ARQs of several calls in one transaction of two batches: look, and commit. PostgreSQL only.</summary>
public static class DeleteGroup
{
    private static readonly string[] s_deletable = GroupRows.AllowedFrom(ArqState.Deleting);

    /// <summary>Claims the calls, locks what they delete, and shows it.</summary>
    /// <param name="together">A connection; the transaction begins here.</param>
    /// <param name="reply">The reply of each call that is done.</param>
    /// <param name="calls">The calls.</param>
    public static async Task<DeleteLook> LookAsync(Together together, byte[] reply, IReadOnlyList<GroupedDelete> calls)
    {
        var uuids = calls.SelectMany(call => call.Uuids).Distinct().ToArray();
        var instances = calls.Select(call => call.Instance).OfType<Guid>().Distinct().ToArray();
        var batch = together.Begin()
            .Claim(together.Now, calls.Select(call => (call.CallId, call.Verb, reply)))
            // Makes a delete wait for a bind of its instance that is under way, instead of missing its ARQs.
            .LockInstances(instances)
            .LockArqs(uuids, instances)
            .Add(
                """
                WITH arqs AS (SELECT $1 || ARRAY(SELECT uuid FROM extended_accelerator_requests WHERE instance_uuid = ANY($2)) AS uuids)
                SELECT arq_uuid FROM attach_handles WHERE arq_uuid = ANY((SELECT uuids FROM arqs)::uuid[]) AND state = 'Held' AND (host_work OR to_host)
                UNION ALL SELECT arq_uuid FROM accelerator_attachments WHERE arq_uuid = ANY((SELECT uuids FROM arqs)::uuid[])
                """,
                Value(uuids), Value(instances));
        await using (batch.ConfigureAwait(false))
        {
            var reader = await batch.ReadAsync().ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                var claimed = await RowsAsync(reader, row => row.GetGuid(0)).ConfigureAwait(false);
                await RowsAsync(reader, row => row.GetInt64(0)).ConfigureAwait(false);
                var arqs = await RowsAsync(reader, GroupRows.ReadArq).ConfigureAwait(false);
                var tied = await RowsAsync(reader, row => row.GetGuid(0)).ConfigureAwait(false);
                return new DeleteLook(claimed.ToHashSet(), arqs, tied.ToHashSet());
            }
        }
    }

    /// <summary>Frees the handles, deletes the ARQs and commits.</summary>
    /// <param name="together">The transaction.</param>
    /// <param name="arqs">What was decided to be deleted; none of it tied.</param>
    /// <param name="notDone">Calls that were claimed and are not done.</param>
    /// <exception cref="PostgresException">Something is not as it was locked: a defect. Nothing is written.</exception>
    public static async Task CommitAsync(Together together, IReadOnlyCollection<Guid> arqs, IReadOnlyCollection<Guid> notDone)
    {
        var uuids = arqs.ToArray();
        var batch = together.GoOn()
            .Add(
                """
                UPDATE attach_handles SET state = 'Free', arq_uuid = NULL, generation = generation + 1, wants_image = NULL, wants_function = NULL, job = NULL,
                    job_token = NULL, job_until = NULL, job_after = NULL, job_attempts = 0, job_failure = NULL, updated_at = $2
                WHERE arq_uuid = ANY($1) AND state = 'Held' AND NOT host_work AND NOT to_host
                """,
                Value(uuids), Value(together.Now))
            .AddExactly(
                uuids.Length, "DELETE FROM extended_accelerator_requests WHERE uuid = ANY($1) AND state = ANY($2) RETURNING 1", Value(uuids), Value(s_deletable))
            .Unclaim(notDone);
        await using (batch.ConfigureAwait(false))
            await together.CommitAsync(batch).ConfigureAwait(false);
    }
}
