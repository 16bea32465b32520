using System.Collections.Concurrent;

namespace Cyborg.Standalone.Tests;

/// <summary>Who has which attach handle, as clients know it: noted after an answer that gives one, and struck out before a call that gives it back. So a handle
/// that is noted twice was handed out twice.</summary>
internal sealed class HandleRegistry
{
    private readonly ConcurrentDictionary<string, string> _holders = new();
    private readonly ConcurrentQueue<string> _wrong = new();

    /// <summary>What was not right, a line each.</summary>
    public IReadOnlyCollection<string> Wrong => _wrong;

    /// <summary>Handles that somebody has.</summary>
    public int Count => _holders.Count;

    public void Take(string handle, string holder)
    {
        if (!_holders.TryAdd(handle, holder))
            Tell($"handed out twice: {handle} to {holder}, and {_holders.GetValueOrDefault(handle)} had it");
    }

    public void GiveBack(string handle) => _holders.TryRemove(handle, out _);

    public void Tell(string line) => _wrong.Enqueue(line);
}
