using System.Collections.Immutable;

namespace Cyborg.Placement;

/// <summary>One call that changes Placement.</summary>
/// <param name="Provider">What it changes.</param>
/// <param name="Name">Its name, for messages.</param>
/// <param name="Grows">True if it may offer more than before: needs the right to.</param>
internal abstract record PlanStep(Guid Provider, string Name, bool Grows);

/// <summary>Makes a provider.</summary>
internal sealed record CreateProvider(Guid Provider, string Name, Guid Parent) : PlanStep(Provider, Name, true);

/// <summary>Gives a provider its name and its parent.</summary>
internal sealed record PlaceProvider(Guid Provider, string Name, Guid Parent) : PlanStep(Provider, Name, true);

/// <summary>Replaces a provider's inventories.</summary>
internal sealed record SetInventories(Guid Provider, string Name, bool Grows, ImmutableDictionary<string, InventoryRecord> Inventories)
    : PlanStep(Provider, Name, Grows)
{
    /// <summary>Classes that go, though allocations may hold them.</summary>
    public IReadOnlyList<string> Dropped { get; init; } = [];

    /// <summary>The class that is to be known to Placement before; null if none.</summary>
    public string? Needs { get; init; }
}

/// <summary>Replaces a provider's traits.</summary>
/// <param name="Provider">What it changes.</param>
/// <param name="Name">Its name.</param>
/// <param name="Traits">All of them.</param>
/// <param name="Needs">Those of them that are to be known to Placement before.</param>
internal sealed record SetTraits(Guid Provider, string Name, ImmutableSortedSet<string> Traits, ImmutableSortedSet<string> Needs)
    : PlanStep(Provider, Name, true);

/// <summary>Deletes a provider.</summary>
internal sealed record DeleteProvider(Guid Provider, string Name) : PlanStep(Provider, Name, false);

/// <summary>A provider that Placement has under another uuid than the database.</summary>
/// <param name="Deployable">Whose it is.</param>
/// <param name="Provider">Its uuid in Placement, which wins.</param>
public sealed record Adoption(Guid Deployable, Guid Provider);

/// <summary>What is to be done so that Placement shows what is wanted.</summary>
/// <param name="Steps">In their order: first what shrinks, then what grows.</param>
/// <param name="Before">What the ledger must say before the first step.</param>
/// <param name="After">What it may say when all steps are done.</param>
/// <param name="Gone">Missing deployables that Placement does not show (any more).</param>
/// <param name="Leaving">Missing deployables whose providers a step deletes, by provider.</param>
/// <param name="Adopted">Providers that are there under another uuid.</param>
/// <param name="Problems">What is not shown and why; to be looked at again.</param>
/// <param name="HeldBack">True if something was left out for want of the right to grow.</param>
internal sealed record TreePlan(
    IReadOnlyList<PlanStep> Steps,
    ProviderLedger Before,
    ProviderLedger After,
    IReadOnlyList<Guid> Gone,
    IReadOnlyDictionary<Guid, Guid> Leaving,
    IReadOnlyList<Adoption> Adopted,
    IReadOnlyList<string> Problems,
    bool HeldBack);

/// <summary>What bounds a plan.</summary>
/// <param name="MayGrow">Without it nothing is offered that is not offered now.</param>
/// <param name="Rewrite">Write inventories that are as they should be, too: an older write of somebody else that is still on its way then comes too late.</param>
/// <param name="Notes">What was learnt while Placement was being changed.</param>
internal sealed record PlanLimits(bool MayGrow, bool Rewrite, SyncNotes Notes);

/// <summary>What one sync has learnt from Placement's answers; for one sync only, so that the next one tries again.</summary>
internal sealed class SyncNotes
{
    /// <summary>Classes that allocations hold.</summary>
    public HashSet<(Guid Provider, string Class)> InUse { get; } = [];

    /// <summary>Providers that Placement will not change, and why not.</summary>
    public Dictionary<Guid, string> Refused { get; } = [];

    /// <summary>Providers that were refused once, and are tried once more with nothing taken as known.</summary>
    public HashSet<Guid> TriedAgain { get; } = [];

    /// <summary>Providers whose inventories were written with the right to grow, in the epoch that was begun last.</summary>
    public HashSet<Guid> Written { get; } = [];

    private long? Epoch { get; set; }

    /// <summary>Everything was read again, in this epoch of the host.</summary>
    public void Begin(long epoch)
    {
        if (epoch != Epoch)
            Written.Clear();
        Epoch = epoch;
    }
}
