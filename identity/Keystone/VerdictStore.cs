namespace Cyborg.Identity.Keystone;

/// <summary>Verdicts until they lapse, at most so many; the one least recently used goes first. Not safe for threads.</summary>
internal sealed class VerdictStore(int maxEntries)
{
    private readonly Dictionary<TokenKey, LinkedListNode<Entry>> _index = [];
    private readonly LinkedList<Entry> _byUse = new();

    public int Count => _index.Count;

    public TokenVerdict? Find(TokenKey key, DateTimeOffset now)
    {
        if (!_index.TryGetValue(key, out var node))
            return null;
        if (now >= node.Value.Until)
        {
            _byUse.Remove(node);
            _index.Remove(key);
            return null;
        }
        if (!ReferenceEquals(_byUse.First, node))
        {
            _byUse.Remove(node);
            _byUse.AddFirst(node);
        }
        return node.Value.Verdict;
    }

    public void Add(TokenKey key, TokenVerdict verdict, DateTimeOffset until)
    {
        if (_index.Remove(key, out var old))
            _byUse.Remove(old);
        if (_index.Count >= maxEntries && _byUse.Last is { } last)
        {
            _byUse.RemoveLast();
            _index.Remove(last.Value.Key);
        }
        if (maxEntries > 0)
            _index[key] = _byUse.AddFirst(new Entry(key, verdict, until));
    }

    private sealed record Entry(TokenKey Key, TokenVerdict Verdict, DateTimeOffset Until);
}
