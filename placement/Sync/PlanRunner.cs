using System.Collections.Immutable;

namespace Cyborg.Placement;

/// <summary>How far a plan came.</summary>
internal enum RunEnd
{
    /// <summary>All steps were taken, or Placement has said that they cannot be.</summary>
    Done,
    /// <summary>Somebody else changes the same providers, or the right to grow is lost: everything is to be read again.</summary>
    Moved,
    /// <summary>Something was learnt that changes the plan.</summary>
    Learnt,
}

/// <summary>What came of a plan.</summary>
/// <param name="End">How far it came.</param>
/// <param name="Deleted">Providers that are gone.</param>
/// <param name="Held">Providers that could not be deleted, and why not.</param>
internal sealed record RunReport(RunEnd End, IReadOnlyList<Guid> Deleted, IReadOnlyList<string> Held);

/// <summary>Takes the steps of a plan one by one. What concerns one provider alone does not stop the others.</summary>
internal sealed class PlanRunner(PlacementClient client, TreeReader reader, NameKeeper names)
{
    /// <summary>Takes the steps.</summary>
    /// <param name="steps">In their order.</param>
    /// <param name="mayGrow">Asked before each step that may offer more.</param>
    /// <param name="notes">What is learnt on the way.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="PlacementException">Placement cannot be used.</exception>
    public async Task<RunReport> RunAsync(IReadOnlyList<PlanStep> steps, Func<bool> mayGrow, SyncNotes notes, CancellationToken stop)
    {
        var (deleted, held, skipped) = (new List<Guid>(), new List<string>(), new HashSet<Guid>());
        foreach (var step in steps.Where(step => !skipped.Contains(step.Provider)))
        {
            if (step.Grows && !mayGrow())
                return new RunReport(RunEnd.Moved, deleted, held);
            var answer = await TakeAsync(step, notes, stop).ConfigureAwait(false);
            if (step is DeleteProvider && answer.Verdict is PlacementVerdict.Done or PlacementVerdict.Gone)
                deleted.Add(step.Provider);
            else if (step is DeleteProvider && answer.Verdict == PlacementVerdict.InUse)
                held.Add($"{step.Name}: its provider {step.Provider} cannot be deleted yet: {answer.Reason}");
            else if (answer.Verdict is PlacementVerdict.Conflict or PlacementVerdict.Gone)
                return new RunReport(RunEnd.Moved, deleted, held);
            else if (answer.Verdict != PlacementVerdict.Done && skipped.Add(step.Provider))
                Learn(step, answer, notes);
        }
        return new RunReport(skipped.Count == 0 ? RunEnd.Done : RunEnd.Learnt, deleted, held);
    }

    private async Task<PlacementAnswer> TakeAsync(PlanStep step, SyncNotes notes, CancellationToken stop)
    {
        var generation = reader.Seen(step.Provider)?.Facts.Generation ?? 0;
        // Until its answer is there nobody knows what became of it.
        var before = reader.Seen(step.Provider);
        reader.Forget(step.Provider);
        switch (step)
        {
            case CreateProvider create:
                var made = await client.CreateAsync(create.Provider, create.Name, create.Parent, stop).ConfigureAwait(false);
                var facts = new ProviderFacts(create.Provider, create.Name, made.Generation, create.Parent, create.Parent);
                Note(made, new ObservedProvider(facts, ImmutableDictionary<string, InventoryRecord>.Empty, []));
                return made;
            case PlaceProvider place:
                var placed = await client.PlaceAsync(place.Provider, place.Name, place.Parent, stop).ConfigureAwait(false);
                Note(placed, before! with { Facts = before.Facts with { Name = place.Name, Parent = place.Parent } });
                return placed;
            case SetTraits set:
                var traits = await names.EnsureTraitsAsync(set.Needs, stop).ConfigureAwait(false)
                    ?? await client.SetTraitsAsync(set.Provider, generation, set.Traits, stop).ConfigureAwait(false);
                Note(traits, before! with { Traits = set.Traits });
                return traits;
            case SetInventories set:
                var inventories = await names.EnsureClassAsync(set.Needs, stop).ConfigureAwait(false)
                    ?? await client.SetInventoriesAsync(set.Provider, generation, set.Inventories, stop).ConfigureAwait(false);
                Note(inventories, before! with { Inventories = set.Inventories });
                // What only shrinks may have been written while a fence still stood, whose own last write comes after it.
                if (inventories.Verdict == PlacementVerdict.Done && set.Grows)
                    notes.Written.Add(set.Provider);
                return inventories;
            default:
                return await client.DeleteAsync(step.Provider, stop).ConfigureAwait(false);
        }
    }

    private void Note(PlacementAnswer answer, ObservedProvider now)
    {
        if (answer.Verdict == PlacementVerdict.Done)
            reader.Note(now with { Facts = now.Facts with { Generation = answer.Generation } });
    }

    private void Learn(PlanStep step, PlacementAnswer answer, SyncNotes notes)
    {
        if (step is SetInventories { Dropped.Count: > 0 } set && answer.Verdict == PlacementVerdict.InUse)
            notes.InUse.UnionWith(set.Dropped.Select(name => (set.Provider, name)));
        else if (notes.TriedAgain.Add(step.Provider))
        {
            // It may be for a trait, a class or the host's provider that somebody has deleted: once more with nothing taken as known.
            names.Forget();
            reader.ForgetHost();
        }
        else
            notes.Refused[step.Provider] = $"Placement does not take it: {answer.Reason}";
    }
}
