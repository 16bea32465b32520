namespace Cyborg.Identity.Keystone;

/// <summary>Verdicts until they lapse, at most so many; the one least recently used goes first. Not safe for threads.</summary>
internal sealed class VerdictStore(int maxEntries)
{
    private readonly Dictionary<TokenKey, LinkedListNode<Entry>> index = [];
    private readonly LinkedList<Entry> byUse = new();

    public int Count => index.Count;

    public TokenVerdict? Find(TokenKey key, DateTimeOffset now)
    {
        if (!index.TryGetValue(key, out var node))
            return null;
        byUse.Remove(node);
        if (now >= node.Value.Until)
        {
            index.Remove(key);
            return null;
        }
        byUse.AddFirst(node);
        return node.Value.Verdict;
    }

    public void Add(TokenKey key, TokenVerdict verdict, DateTimeOffset until)
    {
        if (index.Remove(key, out var old))
            byUse.Remove(old);
        if (index.Count >= maxEntries && byUse.Last is { } last)
        {
            byUse.RemoveLast();
            index.Remove(last.Value.Key);
        }
        if (maxEntries > 0)
            index[key] = byUse.AddFirst(new Entry(key, verdict, until));
    }

    private sealed record Entry(TokenKey Key, TokenVerdict Verdict, DateTimeOffset Until);
}
