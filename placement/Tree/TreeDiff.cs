using System.Collections.Immutable;

namespace Cyborg.Placement;

/// <summary>Compares what is wanted with what Placement shows, and says what is to be done. Pure.</summary>
/// <remarks>Of our own providers only our own class and our own traits are changed; what others wrote there stays. Providers that are neither wanted nor
/// remembered stay as they are.</remarks>
internal sealed class TreeDiff
{
    private const string FunctionTraits = "CUSTOM_FPGA_FUNCTION_ID_";

    private readonly ObservedTree observed;
    private readonly ProviderLedger ledger;
    private readonly PlanLimits limits;
    private readonly List<PlanStep> shrinking = [];
    private readonly List<DeleteProvider> deletes = [];
    private readonly List<PlanStep> growing = [];
    private readonly List<Guid> gone = [];
    private readonly Dictionary<Guid, Guid> leaving = [];
    private readonly List<Adoption> adopted = [];
    private readonly List<string> problems = [];
    private readonly HashSet<Guid> handled = [];
    private ProviderLedger before;
    private ProviderLedger after;
    private bool heldBack;

    private TreeDiff(ObservedTree observed, ProviderLedger ledger, PlanLimits limits) =>
        (this.observed, this.ledger, this.limits, before, after) = (observed, ledger, limits, ledger, ledger);

    /// <summary>What is to be done.</summary>
    public static TreePlan Of(DesiredTree desired, ObservedTree observed, ProviderLedger ledger, PlanLimits limits)
    {
        var diff = new TreeDiff(observed, ledger, limits);
        foreach (var provider in desired.Shown)
            diff.Show(provider);
        foreach (var provider in desired.Leaving)
            diff.Leave(provider);
        foreach (var entry in ledger.Entries.Where(entry => !diff.handled.Contains(entry.Provider)).ToList())
            diff.Leave(new LeavingProvider(Guid.Empty, entry.Provider, observed.Find(entry.Provider)?.Name ?? "", null, Missing: false));
        return diff.Plan(desired);
    }

    private TreePlan Plan(DesiredTree desired)
    {
        var ordered = deletes.OrderByDescending(step => observed.Depth(step.Provider)).ThenBy(step => step.Provider);
        return new TreePlan(
            [.. shrinking, .. ordered, .. growing], before, after, [.. gone, .. desired.Superseded], leaving, adopted, problems, heldBack);
    }

    private void Show(DesiredProvider wanted)
    {
        var uuid = observed.Resolve(wanted.Uuid, wanted.Name);
        handled.Add(uuid);
        if (uuid != wanted.Uuid)
            adopted.Add(new Adoption(wanted.Deployable, uuid));
        if (limits.Notes.Refused.TryGetValue(uuid, out var reason))
            problems.Add($"{wanted.Name}: {reason}");
        else if (observed.Find(uuid) is not { } facts)
            Create(wanted, uuid);
        else if (IsAnothers(facts))
            problems.Add($"{wanted.Name}: its provider {uuid} belongs to another host; it is not shown.");
        else
            Mend(wanted, observed.Details[uuid]);
    }

    /// <summary>Stands in another tree, and nobody remembers having written it here.</summary>
    private bool IsAnothers(ProviderFacts facts) =>
        !observed.Providers.ContainsKey(facts.Uuid) && facts.Parent is not null && ledger.Of(facts.Uuid) is null;

    private void Create(DesiredProvider wanted, Guid uuid)
    {
        if (observed.NamesTaken.Contains(wanted.Name))
        {
            problems.Add($"{wanted.Name}: a provider of another host has this name; it is not shown.");
            return;
        }
        if (!limits.MayGrow)
        {
            heldBack = true;
            return;
        }
        Remember(wanted, uuid, whole: true);
        growing.Add(new CreateProvider(uuid, wanted.Name, observed.Host.Uuid));
        growing.Add(new SetTraits(uuid, wanted.Name, wanted.Traits, wanted.Traits));
        growing.Add(new SetInventories(uuid, wanted.Name, true, Only(wanted.ResourceClass, wanted.Inventory)) { Needs = wanted.ResourceClass });
    }

    private void Mend(DesiredProvider wanted, ObservedProvider shown)
    {
        var facts = shown.Facts;
        var (inventories, stuck) = Inventories(wanted, shown);
        var traits = shown.Traits.Where(trait => !IsOurs(facts.Uuid, trait)).Union(wanted.Traits).ToImmutableSortedSet(StringComparer.Ordinal);
        var misplaced = facts.Name != wanted.Name || facts.Parent != observed.Host.Uuid;
        var allowed = limits.MayGrow ? inventories : Within(inventories, shown);
        if (stuck)
            problems.Add($"{wanted.Name}: its former resource class is allocated; {wanted.ResourceClass} is shown when that has ended.");
        // Without the right to grow nothing is written again either: whoever counts on that has to come back.
        var held = !limits.MayGrow && (misplaced || !traits.SetEquals(shown.Traits) || !Same(allowed, inventories) || MustRewrite(facts.Uuid));
        heldBack |= held;
        Remember(wanted, facts.Uuid, whole: !held && !stuck);
        if (limits.MayGrow && misplaced)
            growing.Add(new PlaceProvider(facts.Uuid, wanted.Name, observed.Host.Uuid));
        if (limits.MayGrow && !traits.SetEquals(shown.Traits))
            growing.Add(new SetTraits(facts.Uuid, wanted.Name, traits, wanted.Traits));
        Write(facts.Uuid, wanted, allowed, shown);
    }

    private void Write(Guid uuid, DesiredProvider wanted, ImmutableDictionary<string, InventoryRecord> inventories, ObservedProvider shown)
    {
        var differs = !Same(inventories, shown.Inventories);
        if (!differs && !(limits.MayGrow && MustRewrite(uuid)))
            return;
        var grows = !differs || inventories.Any(pair => !shown.Inventories.TryGetValue(pair.Key, out var now) || !pair.Value.IsWithin(now));
        var step = new SetInventories(uuid, wanted.Name, grows, inventories)
        {
            Dropped = [.. shown.Inventories.Keys.Except(inventories.Keys)],
            Needs = inventories.ContainsKey(wanted.ResourceClass) ? wanted.ResourceClass : null,
        };
        // What shrinks is written before everything else, what grows after its traits: no server may land on traits that are still to come.
        (grows ? growing : shrinking).Add(step);
    }

    /// <summary>What the provider is to have: our class, and what is not ours.</summary>
    private (ImmutableDictionary<string, InventoryRecord> Inventories, bool Stuck) Inventories(DesiredProvider wanted, ObservedProvider shown)
    {
        var uuid = shown.Facts.Uuid;
        var former = (ledger.Of(uuid)?.Classes ?? []).Where(name => name != wanted.ResourceClass && shown.Inventories.ContainsKey(name)).ToList();
        if (!former.Exists(name => limits.Notes.InUse.Contains((uuid, name))))
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
        var uuid = observed.Resolve(wanted.Uuid, wanted.Name);
        handled.Add(uuid);
        var facts = observed.Find(uuid);
        if (facts is null || IsAnothers(facts))
        {
            after = after.Without(uuid);
            if (wanted.Missing)
                gone.Add(wanted.Deployable);
            return;
        }
        if (limits.Notes.Refused.TryGetValue(uuid, out var reason))
        {
            problems.Add($"{wanted.Name}: {reason}");
            return;
        }
        var shown = observed.Details[uuid];
        var ours = (ledger.Of(uuid)?.Classes ?? []).Append(wanted.ResourceClass).OfType<string>().Where(shown.Inventories.ContainsKey);
        var reserved = ours.Aggregate(shown.Inventories, (all, name) => all.SetItem(name, all[name].AllReserved()));
        if (!Same(reserved, shown.Inventories))
            shrinking.Add(new SetInventories(uuid, facts.Name, false, reserved));
        deletes.Add(new DeleteProvider(uuid, facts.Name));
        if (wanted.Missing)
            leaving[uuid] = wanted.Deployable;
    }

    private bool MustRewrite(Guid provider) => limits.Rewrite && !limits.Notes.Written.Contains(provider);

    private bool IsOurs(Guid provider, string trait) =>
        trait.StartsWith(FunctionTraits, StringComparison.Ordinal) || (ledger.Of(provider)?.Traits.Contains(trait) ?? false);

    /// <summary>Kept before anything is written, and cut down to what is wanted when all of it was.</summary>
    private void Remember(DesiredProvider wanted, Guid uuid, bool whole)
    {
        var entry = LedgerEntry.Of(uuid, wanted.ResourceClass, wanted.Traits);
        var union = ledger.Of(uuid)?.With(wanted.ResourceClass, wanted.Traits) ?? entry;
        before = before.With(union);
        after = after.With(whole ? entry : union);
    }

    private static ImmutableDictionary<string, InventoryRecord> Only(string name, InventoryRecord record) =>
        ImmutableDictionary<string, InventoryRecord>.Empty.Add(name, record);

    private static bool Same(ImmutableDictionary<string, InventoryRecord> one, ImmutableDictionary<string, InventoryRecord> other) =>
        one.Count == other.Count && one.All(pair => other.TryGetValue(pair.Key, out var record) && record == pair.Value);
}
