using Cyborg.Model;
using static Cyborg.Storage.PostgresBatch;

namespace Cyborg.Storage;

/// <summary>One call that makes ARQs, of several that are done together.</summary>
/// <param name="CallId">Its idempotency id.</param>
/// <param name="Reply">Its reply, to be stored.</param>
/// <param name="ProfileId">Key of the device profile.</param>
/// <param name="ProfileName">Name of the device profile: both must still be the profile's.</param>
/// <param name="Arqs">What it makes.</param>
public sealed record GroupedCreate(Guid CallId, byte[] Reply, int ProfileId, string ProfileName, IReadOnlyList<AcceleratorRequest> Arqs);

/// <summary>Makes the ARQs of several calls in one statement and one batch. PostgreSQL only.</summary>
public static class CreateGroup
{
    // The claims come first: what a call makes is joined to its claim, so that one that comes again, or whose profile is gone, makes nothing.
    private const string Sql = """
        WITH claimed AS (
            INSERT INTO rpc_replies (id, verb, reply, created_at)
            SELECT c.id, $1, c.reply, $2 FROM unnest($3, $4, $5, $6) AS c (id, reply, profile_id, profile_name)
            JOIN device_profiles p ON p.id = c.profile_id AND p.name = c.profile_name
            ORDER BY c.id
            ON CONFLICT DO NOTHING
            RETURNING id
        ), made AS (
            INSERT INTO extended_accelerator_requests (uuid, project_id, state, device_profile_id, device_profile_group_id, created_at)
            SELECT a.uuid, a.project_id, 'Initial', a.profile_id, a.group_id, a.created_at
            FROM unnest($7, $8, $9, $10, $11, $12) WITH ORDINALITY AS a (call, uuid, project_id, profile_id, group_id, created_at, n)
            JOIN claimed ON claimed.id = a.call
            ORDER BY a.n
        )
        SELECT id FROM claimed
        """;

    /// <summary>Makes them; returns the ids of the calls that are done. The others are as if they had not been tried: their call was done before, or their profile
    /// is not there any more.</summary>
    /// <param name="together">A connection, not in a transaction.</param>
    /// <param name="verb">Name under which the replies are stored.</param>
    /// <param name="calls">The calls.</param>
    public static async Task<HashSet<Guid>> RunAsync(Together together, string verb, IReadOnlyList<GroupedCreate> calls)
    {
        var arqs = calls.SelectMany(call => call.Arqs.Select(arq => (call, arq))).ToList();
        var batch = together.Begin().Add(
            Sql,
            Value(verb),
            Value(together.Now),
            Value(calls.Select(call => call.CallId).ToArray()),
            Value(calls.Select(call => call.Reply).ToArray()),
            Value(calls.Select(call => call.ProfileId).ToArray()),
            Value(calls.Select(call => call.ProfileName).ToArray()),
            Value(arqs.Select(pair => pair.call.CallId).ToArray()),
            Value(arqs.Select(pair => pair.arq.Uuid).ToArray()),
            Value(arqs.Select(pair => pair.arq.ProjectId).ToArray()),
            Value(arqs.Select(pair => pair.call.ProfileId).ToArray()),
            Value(arqs.Select(pair => pair.arq.DeviceProfileGroupId).ToArray()),
            Value(arqs.Select(pair => pair.arq.CreatedAt).ToArray()));
        await using (batch.ConfigureAwait(false))
            return [.. await together.CommitAsync(batch, row => row.GetGuid(0)).ConfigureAwait(false)];
    }
}
