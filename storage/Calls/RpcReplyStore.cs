using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage;

/// <summary>The reply to a call that was done before.</summary>
/// <param name="Verb">What was called.</param>
/// <param name="Reply">Body of the reply.</param>
public sealed record StoredReply(string Verb, byte[]? Reply);

/// <summary>Statements on the replies of mutating calls, by their idempotency ids.</summary>
public static class RpcReplyStore
{
    /// <summary>Claims the id for this transaction: null if it was free. Otherwise the stored reply: where another transaction holds the claim,
    /// PostgreSQL waits here until that one has committed or gone.</summary>
    public static async Task<StoredReply?> TryClaimAsync(Session session, Guid id, string verb)
    {
        // One INSERT ... ON CONFLICT DO NOTHING: two at once never fail on the key, the later one waits for the earlier.
        var claimed = await session.RpcReplies.InsertOrUpdateAsync(
            () => new RpcReplyRow { Id = id, Verb = verb, CreatedAt = session.Now }, onDuplicateKeyUpdateSetter: null);
        if (claimed == 1)
            return null;
        return await session.RpcReplies.Where(stored => stored.Id == id)
            .Select(stored => new StoredReply(stored.Verb, stored.Reply))
            .FirstAsync();
    }

    /// <summary>Stores the reply of a claimed id.</summary>
    public static Task<int> SaveAsync(Session session, Guid id, byte[] reply) =>
        session.RpcReplies.Where(stored => stored.Id == id).Set(stored => stored.Reply, reply).UpdateAsync();

    /// <summary>Deletes replies that no caller will ask for again; returns how many.</summary>
    public static Task<int> SweepAsync(Session session, DateTimeOffset olderThan) =>
        session.RpcReplies.Where(stored => stored.CreatedAt < olderThan).DeleteAsync();
}
