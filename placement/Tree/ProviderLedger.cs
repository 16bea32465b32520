using System.Collections.Immutable;

namespace Cyborg.Placement;

/// <summary>What we have written, or are about to write, on one provider.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Classes">Resource classes, sorted.</param>
/// <param name="Traits">Traits, sorted.</param>
public sealed record LedgerEntry(Guid Provider, IReadOnlyList<string> Classes, IReadOnlyList<string> Traits)
{
    internal LedgerEntry With(string resourceClass, IEnumerable<string> traits) =>
        new(Provider, Sorted([.. Classes, resourceClass]), Sorted([.. Traits, .. traits]));

    internal static LedgerEntry Of(Guid provider, string resourceClass, IEnumerable<string> traits) => new(provider, [resourceClass], Sorted(traits));

    internal bool SameAs(LedgerEntry other) => Classes.SequenceEqual(other.Classes) && Traits.SequenceEqual(other.Traits);

    private static IReadOnlyList<string> Sorted(IEnumerable<string> names) =>
        [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}

/// <summary>What we have written, kept before it is written: so that what is no longer wanted can be told from what others wrote. Immutable.</summary>
public sealed class ProviderLedger
{
    private readonly ImmutableSortedDictionary<Guid, LedgerEntry> _entries;

    private ProviderLedger(ImmutableSortedDictionary<Guid, LedgerEntry> entries) => _entries = entries;

    /// <summary>Nothing was written yet.</summary>
    public static ProviderLedger Empty { get; } = new(ImmutableSortedDictionary<Guid, LedgerEntry>.Empty);

    /// <summary>One entry for each provider, in the order of their uuids.</summary>
    public IEnumerable<LedgerEntry> Entries => _entries.Values;

    /// <summary>A ledger with these entries; of two for one provider the last one counts.</summary>
    public static ProviderLedger Of(IEnumerable<LedgerEntry> entries) =>
        new(Empty._entries.SetItems(entries.Select(entry => KeyValuePair.Create(entry.Provider, entry))));

    /// <summary>True if it says the same.</summary>
    public bool SameAs(ProviderLedger other) =>
        _entries.Count == other._entries.Count
        && _entries.Values.All(entry => other._entries.TryGetValue(entry.Provider, out var theirs) && entry.SameAs(theirs));

    internal LedgerEntry? Of(Guid provider) => _entries.GetValueOrDefault(provider);

    internal ProviderLedger With(LedgerEntry entry) => new(_entries.SetItem(entry.Provider, entry));

    internal ProviderLedger Without(Guid provider) => new(_entries.Remove(provider));
}
