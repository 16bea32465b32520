using System.Collections.Immutable;

namespace Cyborg.Placement;

/// <summary>A provider as a list of Placement has it.</summary>
/// <param name="Uuid">Its uuid.</param>
/// <param name="Name">Its name.</param>
/// <param name="Generation">Rises with each change of its inventories, traits and allocations.</param>
/// <param name="Parent">Its parent; null for the root of a tree.</param>
/// <param name="Root">Root of its tree.</param>
internal sealed record ProviderFacts(Guid Uuid, string Name, int Generation, Guid? Parent, Guid Root);

/// <summary>A provider with what it offers.</summary>
/// <param name="Facts">Who it is.</param>
/// <param name="Inventories">By resource class.</param>
/// <param name="Traits">Its traits.</param>
internal sealed record ObservedProvider(
    ProviderFacts Facts, ImmutableDictionary<string, InventoryRecord> Inventories, ImmutableSortedSet<string> Traits);

/// <summary>What Placement shows now.</summary>
/// <param name="Host">The host's own provider, parent of ours.</param>
/// <param name="Providers">All providers of the host's tree, by uuid.</param>
/// <param name="Outside">Providers of other trees that have the uuid of one of ours.</param>
/// <param name="Details">Inventories and traits of those that matter, in the tree and outside of it.</param>
/// <param name="NamesTaken">Names of ours that providers of other trees have.</param>
internal sealed record ObservedTree(
    ProviderFacts Host,
    IReadOnlyDictionary<Guid, ProviderFacts> Providers,
    IReadOnlyDictionary<Guid, ProviderFacts> Outside,
    IReadOnlyDictionary<Guid, ObservedProvider> Details,
    IReadOnlySet<string> NamesTaken)
{
    /// <summary>The uuid by which Placement has the provider: its own, else the one of its name in this tree, else its own.</summary>
    public Guid Resolve(Guid uuid, string name) => Resolve(Providers, uuid, name);

    /// <inheritdoc cref="Resolve(Guid, string)"/>
    public static Guid Resolve(IReadOnlyDictionary<Guid, ProviderFacts> tree, Guid uuid, string name) =>
        tree.ContainsKey(uuid) ? uuid : tree.Values.FirstOrDefault(provider => provider.Name == name)?.Uuid ?? uuid;

    /// <summary>The provider, in this tree or another; null if there is none.</summary>
    public ProviderFacts? Find(Guid uuid) => Providers.GetValueOrDefault(uuid) ?? Outside.GetValueOrDefault(uuid);

    /// <summary>How far the provider is below the root of its tree.</summary>
    public int Depth(Guid uuid)
    {
        var depth = 0;
        for (var at = Find(uuid); at?.Parent is { } parent && depth < Providers.Count; at = Find(parent))
            depth++;
        return depth;
    }
}
