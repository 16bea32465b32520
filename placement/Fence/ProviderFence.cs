using Cyborg.Model;

namespace Cyborg.Placement;

/// <summary>How far a fence came in Placement.</summary>
public enum FenceEnd
{
    /// <summary>Placement offers nothing of the providers any more.</summary>
    Shown,
    /// <summary>The fence has ended meanwhile: nothing more was written.</summary>
    Ended,
    /// <summary>Placement cannot be used now, or others kept changing the same providers: to be done again.</summary>
    Failed,
}

/// <summary>What came of a fence.</summary>
/// <param name="End">How far it came.</param>
/// <param name="Reason">Why it failed; null otherwise.</param>
public sealed record FenceOutcome(FenceEnd End, string? Reason);

/// <summary>Takes the providers of a host whose agent is silent off the market: reserves all of its accelerators. Whoever wants to give them back has to
/// end the fence in the database first.</summary>
public sealed class ProviderFence
{
    /// <summary>So many times somebody else may be quicker, at one provider.</summary>
    private const int Attempts = 10;

    private readonly PlacementClient _client;

    /// <summary>A fence by this client.</summary>
    public ProviderFence(PlacementClient client) => _client = client;

    /// <summary>Reserves everything of these providers.</summary>
    /// <param name="providers">Their uuids; one that is not there is passed over.</param>
    /// <param name="stillFenced">Looks in the database whether the fence still stands. Asked between the reading of a provider and its writing: an agent writes
    /// only after the fence has ended there, and then this write fails for its generation.</param>
    /// <param name="stop">Gives up; what was written stays.</param>
    public async Task<FenceOutcome> ReserveAsync(
        IReadOnlyList<Guid> providers, Func<CancellationToken, Task<bool>> stillFenced, CancellationToken stop)
    {
        try
        {
            foreach (var provider in providers)
            {
                if (await ReserveAsync(provider, stillFenced, stop).ConfigureAwait(false) is { } end)
                    return end;
            }
            return new FenceOutcome(FenceEnd.Shown, null);
        }
        catch (PlacementException fault)
        {
            return new FenceOutcome(FenceEnd.Failed, fault.Message);
        }
    }

    /// <summary>Null if it is reserved or not there.</summary>
    private async Task<FenceOutcome?> ReserveAsync(Guid provider, Func<CancellationToken, Task<bool>> stillFenced, CancellationToken stop)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await _client.InventoriesAsync(provider, stop).ConfigureAwait(false) is not (var generation, var inventories))
                return null;
            if (!await stillFenced(stop).ConfigureAwait(false))
                return new FenceOutcome(FenceEnd.Ended, null);
            var reserved = inventories.SetItems(
                inventories.Where(pair => PlacementNames.IsResourceClass(pair.Key)).Select(pair => KeyValuePair.Create(pair.Key, pair.Value.AllReserved())));
            // Written even if nothing changes: the generation rises, and a write of the agent's that is still on its way comes too late.
            var answer = await _client.SetInventoriesAsync(provider, generation, reserved, stop).ConfigureAwait(false);
            if (answer.Verdict is PlacementVerdict.Done or PlacementVerdict.Gone)
                return null;
            if (answer.Verdict != PlacementVerdict.Conflict)
                return new FenceOutcome(FenceEnd.Failed, $"Provider {provider}: {answer.Reason}");
        }
        return new FenceOutcome(FenceEnd.Failed, $"Others keep changing provider {provider}.");
    }
}
