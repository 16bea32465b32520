using System.Collections.Concurrent;
using System.Collections.Frozen;
using Cyborg.Api.Versions;
using Cyborg.Hosting;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Microsoft.AspNetCore.Http;

namespace Cyborg.Api.Calls;

/// <summary>Lists that everybody who may see them sees alike, kept as they were written. Before one is answered a conductor is asked whether it still is
/// the present one; those who wait together share that question, if it was begun after each of them came. So a list that has not changed costs a
/// look at one row of the database, however long it is and however many ask.</summary>
internal sealed class KeptLists
{
    /// <summary>Bytes that are kept at most; then all of it is let go of, and what is wanted is written anew.</summary>
    private const long MaxBytes = 64 * 1024 * 1024;

    private readonly ConcurrentDictionary<Key, Kept> _kept = new();
    private readonly ConcurrentDictionary<Key, Lazy<Task<Kept>>> _loads = new();
    private readonly Lock _turn = new();
    private readonly FrozenDictionary<ListKind, SharedAnswer<long>> _revisions;
    private long _bytes;

    /// <summary>Keeps nothing yet.</summary>
    /// <param name="bus">Asks conductors for revisions.</param>
    /// <param name="patience">How long such a question takes at most.</param>
    public KeptLists(BusClient bus, TimeSpan patience) =>
        _revisions = Enum.GetValues<ListKind>().ToFrozenDictionary(kind => kind, kind => new SharedAnswer<long>(async () =>
            (await bus.CallAsync(Verbs.ReadRevision, new ReadRevision(kind), new CallContext { RequestId = RequestId.New(), TimeLeft = patience }).ConfigureAwait(false)).Number));

    /// <summary>The list that the request asks for: as it was kept, if it is still the present one, else as it is loaded.</summary>
    /// <param name="http">The request; its path, query and version say which list it is.</param>
    /// <param name="version">Version that it is written in.</param>
    /// <param name="links">Where its links lead.</param>
    /// <param name="kind">What it is made of.</param>
    /// <param name="load">Asks a conductor for it: its revision, and how it is written. May run on another request's behalf.</param>
    /// <exception cref="FaultException">What <paramref name="load"/> throws.</exception>
    public async Task<Reply> ReadAsync(HttpContext http, Microversion version, Links links, ListKind kind, Func<Task<(long Revision, Reply Reply)>> load)
    {
        long revision;
        try
        {
            // Who gives up need not tell: the question has an end of its own, and asking for a word when the client goes costs each request more than that.
            revision = await _revisions[kind].AskAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (FaultException)
        {
            // Asking for the list itself tells why, and waits where waiting is right.
            return (await load().ConfigureAwait(false)).Reply;
        }
        var key = new Key(http.Request.Path, http.Request.QueryString.Value ?? "", version, links.Root);
        if (_kept.TryGetValue(key, out var kept) && kept.Revision == revision)
            return kept.Reply;
        return (await LoadAsync(key, revision, load, http.RequestAborted).ConfigureAwait(false)).Reply;
    }

    // One load of a list at a time. One that was begun for somebody who came earlier is good enough if it is not older than what this request knows of.
    private async Task<Kept> LoadAsync(Key key, long revision, Func<Task<(long Revision, Reply Reply)>> load, CancellationToken stop)
    {
        while (true)
        {
            var mine = new Lazy<Task<Kept>>(() => LoadAsync(key, load));
            var shared = _loads.GetOrAdd(key, mine);
            if (ReferenceEquals(shared, mine))
                return await mine.Value.ConfigureAwait(false);
            try
            {
                var loaded = await shared.Value.WaitAsync(stop).ConfigureAwait(false);
                if (loaded.Revision >= revision)
                    return loaded;
            }
            catch (Exception error) when (error is FaultException || (error is OperationCanceledException && !stop.IsCancellationRequested))
            {
                // The other's request ended, or its answer got lost: this one asks for itself.
            }
        }
    }

    private async Task<Kept> LoadAsync(Key key, Func<Task<(long Revision, Reply Reply)>> load)
    {
        try
        {
            var (revision, reply) = await load().ConfigureAwait(false);
            var kept = new Kept(revision, reply.Keep());
            Keep(key, kept);
            return kept;
        }
        finally
        {
            _loads.TryRemove(key, out _);
        }
    }

    private void Keep(Key key, Kept kept)
    {
        lock (_turn)
        {
            _bytes += kept.Bytes - (_kept.TryGetValue(key, out var former) ? former.Bytes : 0);
            if (_bytes > MaxBytes)
            {
                _kept.Clear();
                _bytes = kept.Bytes;
            }
            _kept[key] = kept;
        }
    }

    private readonly record struct Key(string Path, string Query, Microversion Version, string Links);

    private sealed record Kept(long Revision, Reply Reply)
    {
        public long Bytes => Reply.Written?.Length ?? 0;
    }
}
