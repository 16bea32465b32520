using System.Collections.Concurrent;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Requests;

/// <summary>A device profile as groups of calls need it.</summary>
/// <param name="Id">Its key.</param>
/// <param name="Name">Its name.</param>
/// <param name="Counts">How many ARQs each of its groups makes.</param>
/// <param name="Plain">For each of its groups, true if an ARQ of it takes its deployable as it is, and wants no image.</param>
internal sealed record KnownProfile(int Id, string Name, IReadOnlyList<int> Counts, IReadOnlyList<bool> Plain);

/// <summary>Device profiles that requests were made from. A profile never changes: it is there, or its key is gone for good. So what is known of it need not be
/// fresh, as long as the statement that uses it finds key and name together.</summary>
internal sealed class KnownProfiles
{
    /// <summary>Beyond that many all are forgotten, and learnt again by those who use them.</summary>
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<string, KnownProfile> _byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, KnownProfile> _byId = new();

    /// <summary>By name; null if it was not seen.</summary>
    public KnownProfile? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>By key; null if it was not seen.</summary>
    public KnownProfile? Find(int id) => _byId.GetValueOrDefault(id);

    /// <summary>Learns a profile that was just read.</summary>
    public void Learn(StoredProfile profile, IReadOnlyList<ProfileGroup> groups)
    {
        if (_byName.Count >= Most)
            Forget();
        var known = new KnownProfile(
            profile.Id, profile.Profile.Name, [.. groups.Select(group => group.RequestCount)], [.. groups.Select(group => !group.NeedsProgramming)]);
        _byName[known.Name] = known;
        _byId[known.Id] = known;
    }

    private void Forget()
    {
        _byName.Clear();
        _byId.Clear();
    }
}
