using System.Collections.Concurrent;

namespace Cyborg.Placement;

/// <summary>Sees to it that Placement knows the traits and classes that are about to be used, and asks for each only once. Standard names are never
/// made: Placement has them or has them not.</summary>
internal sealed class NameKeeper(PlacementClient client)
{
    private const string Custom = "CUSTOM_";

    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);

    /// <summary>Those of the standard traits that Placement does not know.</summary>
    public async Task<IReadOnlySet<string>> MissingStandardTraitsAsync(IEnumerable<string> wanted, CancellationToken stop)
    {
        var asked = wanted.Where(name => !_known.ContainsKey(name)).ToList();
        foreach (var name in await client.KnownTraitsAsync(asked, stop).ConfigureAwait(false))
            _known[name] = true;
        return asked.Where(name => !IsCustom(name) && !_known.ContainsKey(name)).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Makes the custom ones of these traits that are not known.</summary>
    /// <returns>Null, or the answer that says why one cannot be had.</returns>
    public async Task<PlacementAnswer?> EnsureTraitsAsync(IEnumerable<string> wanted, CancellationToken stop)
    {
        foreach (var name in wanted.Where(IsCustom))
        {
            if (await EnsureAsync(name, client.EnsureTraitAsync, name, stop).ConfigureAwait(false) is { } failed)
                return failed;
        }
        return null;
    }

    /// <summary>Makes a custom class that is not known.</summary>
    /// <returns>Null, or the answer that says why it cannot be had.</returns>
    public Task<PlacementAnswer?> EnsureClassAsync(string? name, CancellationToken stop) =>
        name is not null && IsCustom(name) ? EnsureAsync(name, client.EnsureClassAsync, "rc " + name, stop) : Task.FromResult<PlacementAnswer?>(null);

    /// <summary>Takes nothing as known: Placement has just said that it lacks something.</summary>
    public void Forget() => _known.Clear();

    private async Task<PlacementAnswer?> EnsureAsync(
        string name, Func<string, CancellationToken, Task<PlacementAnswer>> ensure, string key, CancellationToken stop)
    {
        if (_known.ContainsKey(key))
            return null;
        var answer = await ensure(name, stop).ConfigureAwait(false);
        if (answer.Verdict != PlacementVerdict.Done)
            return answer;
        _known[key] = true;
        return null;
    }

    private static bool IsCustom(string name) => name.StartsWith(Custom, StringComparison.Ordinal);
}
