namespace Cyborg.Placement;

/// <summary>Reads what Placement shows of a host. What it has read of a provider it reads again only when the provider's generation has moved.</summary>
internal sealed class TreeReader(PlacementClient client)
{
    private const int TornReads = 3;

    private readonly Dictionary<Guid, ObservedProvider> _seen = [];
    private ProviderFacts? _host;

    /// <summary>The host's own provider and all of its tree.</summary>
    /// <exception cref="PlacementException">Placement cannot be used, or has no provider of this name.</exception>
    public async Task<(ProviderFacts Host, IReadOnlyList<ProviderFacts> Tree)> HostTreeAsync(string name, CancellationToken stop)
    {
        if (_host is not null)
        {
            var known = await client.ListTreeAsync(_host.Uuid, stop).ConfigureAwait(false);
            if (known.FirstOrDefault(provider => provider.Uuid == _host.Uuid) is { } still && still.Name == name)
                return (_host = still, known);
        }
        // It is not known yet, or was renamed or made anew since.
        _host = await client.FindByNameAsync(name, stop).ConfigureAwait(false)
            ?? throw new PlacementException(
                PlacementFailure.NoHost, $"Placement has no resource provider '{name}': the compute service makes it, or [agent] resource_provider_name is wrong.");
        return (_host, await client.ListTreeAsync(_host.Uuid, stop).ConfigureAwait(false));
    }

    /// <summary>The rest of what a comparison needs.</summary>
    public async Task<ObservedTree> ReadAsync(
        ProviderFacts parent, IReadOnlyList<ProviderFacts> tree, DesiredTree desired, ProviderLedger ledger, CancellationToken stop)
    {
        var found = new Findings(tree.ToDictionary(provider => provider.Uuid), parent.Root);
        foreach (var provider in desired.Shown)
            await LookAsync(provider.Uuid, provider.Name, isShown: true, found, stop).ConfigureAwait(false);
        foreach (var provider in desired.Leaving)
            await LookAsync(provider.Uuid, provider.Name, isShown: false, found, stop).ConfigureAwait(false);
        foreach (var entry in ledger.Entries)
            await LookAsync(entry.Provider, null, isShown: false, found, stop).ConfigureAwait(false);
        return new ObservedTree(parent, found.Tree, found.Outside, found.Details, found.NamesTaken);
    }

    /// <summary>True if the tree has these providers as they were left.</summary>
    public bool IsAsLeft(IReadOnlyList<ProviderFacts> tree, ProviderLedger ledger)
    {
        var now = tree.ToDictionary(provider => provider.Uuid);
        return ledger.Entries.All(entry =>
            _seen.TryGetValue(entry.Provider, out var left) && now.TryGetValue(entry.Provider, out var provider) && Same(provider, left.Facts));
    }

    /// <summary>What a change has made of a provider.</summary>
    public void Note(ObservedProvider provider) => _seen[provider.Facts.Uuid] = provider;

    /// <summary>The provider as it was last read or left; null if it is not known.</summary>
    public ObservedProvider? Seen(Guid provider) => _seen.GetValueOrDefault(provider);

    /// <summary>Takes nothing of a provider as known.</summary>
    public void Forget(Guid provider) => _seen.Remove(provider);

    /// <summary>Takes nothing as known.</summary>
    public void ForgetHost() => _host = null;

    private static bool Same(ProviderFacts one, ProviderFacts other) =>
        (one.Name, one.Generation, one.Parent) == (other.Name, other.Generation, other.Parent);

    private async Task LookAsync(Guid wanted, string? name, bool isShown, Findings found, CancellationToken stop)
    {
        var uuid = name is null ? wanted : ObservedTree.Resolve(found.Tree, wanted, name);
        if (!found.Looked.Add(uuid))
            return;
        if (!found.Tree.TryGetValue(uuid, out var facts))
        {
            facts = await client.FindAsync(uuid, stop).ConfigureAwait(false);
            if (facts is not null)
                found.Outside[uuid] = facts;
            else if (isShown)
                facts = await LookForNameAsync(name!, found, stop).ConfigureAwait(false);
        }
        if (facts is not null && await DetailsAsync(facts, stop).ConfigureAwait(false) is { } details)
            found.Details[facts.Uuid] = details;
        else if (facts is not null)
            found.Drop(facts.Uuid);
        else
            Forget(uuid);
    }

    /// <summary>The provider that has the name; null if none has it here. One that was made since the tree was listed belongs to it.</summary>
    private async Task<ProviderFacts?> LookForNameAsync(string name, Findings found, CancellationToken stop)
    {
        if (await client.FindByNameAsync(name, stop).ConfigureAwait(false) is not { } other)
            return null;
        if (other.Root == found.Root)
            return found.Tree[other.Uuid] = other;
        found.NamesTaken.Add(name);
        return null;
    }

    private async Task<ObservedProvider?> DetailsAsync(ProviderFacts facts, CancellationToken stop)
    {
        if (_seen.TryGetValue(facts.Uuid, out var known) && known.Facts.Generation == facts.Generation)
            return _seen[facts.Uuid] = known with { Facts = facts };
        ObservedProvider? read = null;
        for (var attempt = 0; attempt < TornReads; attempt++)
        {
            var inventories = await client.InventoriesAsync(facts.Uuid, stop).ConfigureAwait(false);
            var traits = await client.TraitsAsync(facts.Uuid, stop).ConfigureAwait(false);
            if (inventories is null || traits is null)
            {
                Forget(facts.Uuid);
                return null;
            }
            // A change between the two reads: with the older generation a write would be refused, so no half of it is ever written back.
            read = new ObservedProvider(facts with { Generation = inventories.Value.Generation }, inventories.Value.Inventories, traits.Value.Traits);
            _seen[facts.Uuid] = read;
            if (inventories.Value.Generation == traits.Value.Generation)
                break;
        }
        return read;
    }

    private sealed class Findings(Dictionary<Guid, ProviderFacts> tree, Guid root)
    {
        public Dictionary<Guid, ProviderFacts> Tree { get; } = tree;
        public Guid Root => root;
        public Dictionary<Guid, ProviderFacts> Outside { get; } = [];
        public Dictionary<Guid, ObservedProvider> Details { get; } = [];
        public HashSet<string> NamesTaken { get; } = new(StringComparer.Ordinal);
        public HashSet<Guid> Looked { get; } = [];

        /// <summary>It went while it was being read.</summary>
        public void Drop(Guid provider)
        {
            Tree.Remove(provider);
            Outside.Remove(provider);
        }
    }
}
