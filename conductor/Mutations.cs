using System.Text.Json;
using Cyborg.Messaging;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor;

/// <summary>Runs the work of a mutating call once, however often the call arrives: the idempotency id is claimed by the transaction's first
/// statement and the reply is stored by its last, so that work and reply are committed together or not at all. A second arrival waits for the
/// first one's transaction and gets the stored reply.</summary>
internal sealed class Mutations(CyborgDatabase database)
{
    /// <summary>How long a reply is kept; no caller re-sends for so long.</summary>
    public static readonly TimeSpan KeepReplies = TimeSpan.FromMinutes(10);

    /// <summary>Does <paramref name="work"/> in a transaction, or answers what it answered before.</summary>
    /// <exception cref="FaultException">The work's own, and nothing was changed; or the id belongs to another verb.</exception>
    public Task<TReply> OnceAsync<TRequest, TReply>(
        Verb<TRequest, TReply> verb, CallContext call, Func<Session, Task<TReply>> work, CancellationToken cancellationToken) =>
        database.TransactAsync(
            async session =>
            {
                if (call.IdempotencyId is not { } id)
                    return await work(session);
                var name = NameOf(verb);
                if (await RpcReplyStore.TryClaimAsync(session, id, name) is { } earlier)
                    return Replay(verb, name, earlier);
                var reply = await work(session);
                await RpcReplyStore.SaveAsync(session, id, JsonSerializer.SerializeToUtf8Bytes(reply, verb.ReplyJson));
                return reply;
            },
            cancellationToken);

    /// <summary>Name under which the replies of a verb are stored.</summary>
    public static string NameOf(Verb verb) => $"{verb.Noun}.{verb.Name}";

    private static TReply Replay<TRequest, TReply>(Verb<TRequest, TReply> verb, string name, StoredReply earlier) =>
        earlier.Verb == name && earlier.Reply is not null
            ? JsonSerializer.Deserialize(earlier.Reply, verb.ReplyJson)!
            : throw new FaultException(FaultCode.Conflict, $"The idempotency id was used for {earlier.Verb}, not for {name}.");
}
