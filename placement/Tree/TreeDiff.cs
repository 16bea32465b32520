using System.Collections.Immutable;

namespace Cyborg.Placement;

/// <summary>Compares what is wanted with what Placement shows, and says what is to be done. Pure.</summary>
/// <remarks>Of our own providers only our own class and our own traits are changed; what others wrote there stays. Providers that are neither wanted nor
/// remembered stay as they are.</remarks>
internal sealed class TreeDiff
{
    private const string FunctionTraits = "CUSTOM_FPGA_FUNCTION_ID_";

    private readonly ObservedTree _observed;
    private readonly ProviderLedger _ledger;
    private readonly PlanLimits _limits;
    private readonly List<PlanStep> _shrinking = [];
    private readonly List<DeleteProvider> _deletes = [];
    private readonly List<PlanStep> _growing = [];
    private readonly List<Guid> _gone = [];
    private readonly Dictionary<Guid, Guid> _leaving = [];
    private readonly List<Adoption> _adopted = [];
    private readonly List<string> _problems = [];
    private readonly HashSet<Guid> _handled = [];
    private ProviderLedger _before;
    private ProviderLedger _after;
    private bool _heldBack;

    private TreeDiff(ObservedTree observed, ProviderLedger ledger, PlanLimits limits) =>
        (_observed, _ledger, _limits, _before, _after) = (observed, ledger, limits, ledger, ledger);

    /// <summary>What is to be done.</summary>
    public static TreePlan Of(DesiredTree desired, ObservedTree observed, ProviderLedger ledger, PlanLimits limits)
    {
        var diff = new TreeDiff(observed, ledger, limits);
        foreach (var provider in desired.Shown)
            diff.Show(provider);
        foreach (var provider in desired.Leaving)
            diff.Leave(provider);
        foreach (var entry in ledger.Entries.Where(entry => !diff._handled.Contains(entry.Provider)).ToList())
            diff.Leave(new LeavingProvider(Guid.Empty, entry.Provider, observed.Find(entry.Provider)?.Name ?? "", null, Missing: false));
        return diff.Plan(desired);
    }

    private TreePlan Plan(DesiredTree desired)
    {
        var ordered = _deletes.OrderByDescending(step => _observed.Depth(step.Provider)).ThenBy(step => step.Provider);
        return new TreePlan(
            [.. _shrinking, .. ordered, .. _growing], _before, _after, [.. _gone, .. desired.Superseded], _leaving, _adopted, _problems, _heldBack);
    }

    private void Show(DesiredProvider wanted)
    {
        var uuid = _observed.Resolve(wanted.Uuid, wanted.Name);
        _handled.Add(uuid);
        if (uuid != wanted.Uuid)
            _adopted.Add(new Adoption(wanted.Deployable, uuid));
        if (_limits.Notes.Refused.TryGetValue(uuid, out var reason))
            _problems.Add($"{wanted.Name}: {reason}");
        else if (_observed.Find(uuid) is not { } facts)
            Create(wanted, uuid);
        else if (IsAnothers(facts))
            _problems.Add($"{wanted.Name}: its provider {uuid} belongs to another host; it is not shown.");
        else
            Mend(wanted, _observed.Details[uuid]);
    }

    /// <summary>Stands in another tree, and nobody remembers having written it here.</summary>
    private bool IsAnothers(ProviderFacts facts) =>
        !_observed.Providers.ContainsKey(facts.Uuid) && facts.Parent is not null && _ledger.Of(facts.Uuid) is null;

    private void Create(DesiredProvider wanted, Guid uuid)
    {
        if (_observed.NamesTaken.Contains(wanted.Name))
        {
            _problems.Add($"{wanted.Name}: a provider of another host has this name; it is not shown.");
            return;
        }
        if (!_limits.MayGrow)
        {
            _heldBack = true;
            return;
        }
        Remember(wanted, uuid, whole: true);
        _growing.Add(new CreateProvider(uuid, wanted.Name, _observed.Host.Uuid));
        _growing.Add(new SetTraits(uuid, wanted.Name, wanted.Traits, wanted.Traits));
        _growing.Add(new SetInventories(uuid, wanted.Name, true, Only(wanted.ResourceClass, wanted.Inventory)) { Needs = wanted.ResourceClass });
    }

    private void Mend(DesiredProvider wanted, ObservedProvider shown)
    {
        var facts = shown.Facts;
        var (inventories, stuck) = Inventories(wanted, shown);
        var traits = shown.Traits.Where(trait => !IsOurs(facts.Uuid, trait)).Union(wanted.Traits).ToImmutableSortedSet(StringComparer.Ordinal);
        var misplaced = facts.Name != wanted.Name || facts.Parent != _observed.Host.Uuid;
        var allowed = _limits.MayGrow ? inventories : Within(inventories, shown);
        if (stuck)
            _problems.Add($"{wanted.Name}: its former resource class is allocated; {wanted.ResourceClass} is shown when that has ended.");
        // Without the right to grow nothing is written again either: whoever counts on that has to come back.
        var held = !_limits.MayGrow && (misplaced || !traits.SetEquals(shown.Traits) || !Same(allowed, inventories) || MustRewrite(facts.Uuid));
        _heldBack |= held;
        Remember(wanted, facts.Uuid, whole: !held && !stuck);
        if (_limits.MayGrow && misplaced)
            _growing.Add(new PlaceProvider(facts.Uuid, wanted.Name, _observed.Host.Uuid));
        if (_limits.MayGrow && !traits.SetEquals(shown.Traits))
            _growing.Add(new SetTraits(facts.Uuid, wanted.Name, traits, wanted.Traits));
        Write(facts.Uuid, wanted, allowed, shown);
    }

    private void Write(Guid uuid, DesiredProvider wanted, ImmutableDictionary<string, InventoryRecord> inventories, ObservedProvider shown)
    {
        var differs = !Same(inventories, shown.Inventories);
        if (!differs && !(_limits.MayGrow && MustRewrite(uuid)))
            return;
        var grows = !differs || inventories.Any(pair => !shown.Inventories.TryGetValue(pair.Key, out var now) || !pair.Value.IsWithin(now));
        var step = new SetInventories(uuid, wanted.Name, grows, inventories)
        {
            Dropped = [.. shown.Inventories.Keys.Except(inventories.Keys)],
            Needs = inventories.ContainsKey(wanted.ResourceClass) ? wanted.ResourceClass : null,
        };
        // What shrinks is written before everything else, what grows after its traits: no server may land on traits that are still to come.
        (grows ? _growing : _shrinking).Add(step);
    }

    /// <summary>What the provider is to have: our class, and what is not ours.</summary>
    private (ImmutableDictionary<string, InventoryRecord> Inventories, bool Stuck) Inventories(DesiredProvider wanted, ObservedProvider shown)
    {
        var uuid = shown.Facts.Uuid;
        var former = (_ledger.Of(uuid)?.Classes ?? []).Where(name => name != wanted.ResourceClass && shown.Inventories.ContainsKey(name)).ToList();
        if (!former.Exists(name => _limits.Notes.InUse.Contains((uuid, name))))
            return (shown.Inventories.RemoveRange(former).SetItem(wanted.ResourceClass, wanted.Inventory), false);
        // The same accelerators must not be offered under both names.
        var kept = former.Aggregate(shown.Inventories, (all, name) => all.SetItem(name, all[name].AllReserved()));
        return (kept.TryGetValue(wanted.ResourceClass, out var now) ? kept.SetItem(wanted.ResourceClass, wanted.Inventory.NoMoreThan(now)) : kept, true);
    }

    private static ImmutableDictionary<string, InventoryRecord> Within(
        ImmutableDictionary<string, InventoryRecord> wanted, ObservedProvider shown) =>
        shown.Inventories.ToImmutableDictionary(
            pair => pair.Key,
            pair => wanted.TryGetValue(pair.Key, out var record) ? record.NoMoreThan(pair.Value) : pair.Value.AllReserved());

    private void Leave(LeavingProvider wanted)
    {
        var uuid = _observed.Resolve(wanted.Uuid, wanted.Name);
        _handled.Add(uuid);
        var facts = _observed.Find(uuid);
        if (facts is null || IsAnothers(facts))
        {
            _after = _after.Without(uuid);
            if (wanted.Missing)
                _gone.Add(wanted.Deployable);
            return;
        }
        if (_limits.Notes.Refused.TryGetValue(uuid, out var reason))
        {
            _problems.Add($"{wanted.Name}: {reason}");
            return;
        }
        var shown = _observed.Details[uuid];
        var ours = (_ledger.Of(uuid)?.Classes ?? []).Append(wanted.ResourceClass).OfType<string>().Where(shown.Inventories.ContainsKey);
        var reserved = ours.Aggregate(shown.Inventories, (all, name) => all.SetItem(name, all[name].AllReserved()));
        if (!Same(reserved, shown.Inventories))
            _shrinking.Add(new SetInventories(uuid, facts.Name, false, reserved));
        _deletes.Add(new DeleteProvider(uuid, facts.Name));
        if (wanted.Missing)
            _leaving[uuid] = wanted.Deployable;
    }

    private bool MustRewrite(Guid provider) => _limits.Rewrite && !_limits.Notes.Written.Contains(provider);

    private bool IsOurs(Guid provider, string trait) =>
        trait.StartsWith(FunctionTraits, StringComparison.Ordinal) || (_ledger.Of(provider)?.Traits.Contains(trait) ?? false);

    /// <summary>Kept before anything is written, and cut down to what is wanted when all of it was.</summary>
    private void Remember(DesiredProvider wanted, Guid uuid, bool whole)
    {
        var entry = LedgerEntry.Of(uuid, wanted.ResourceClass, wanted.Traits);
        var union = _ledger.Of(uuid)?.With(wanted.ResourceClass, wanted.Traits) ?? entry;
        _before = _before.With(union);
        _after = _after.With(whole ? entry : union);
    }

    private static ImmutableDictionary<string, InventoryRecord> Only(string name, InventoryRecord record) =>
        ImmutableDictionary<string, InventoryRecord>.Empty.Add(name, record);

    private static bool Same(ImmutableDictionary<string, InventoryRecord> one, ImmutableDictionary<string, InventoryRecord> other) =>
        one.Count == other.Count && one.All(pair => other.TryGetValue(pair.Key, out var record) && record == pair.Value);
}
