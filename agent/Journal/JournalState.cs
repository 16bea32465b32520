using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Cyborg.Agent.Journal;

/// <summary>What was asked for a handle.</summary>
internal enum HandleVerb
{
    /// <summary>To attach it.</summary>
    Attach,
    /// <summary>To detach it.</summary>
    Detach,
}

/// <summary>How far work on a handle has come.</summary>
internal enum HandleStage
{
    /// <summary>The hardware may be touched, or half done.</summary>
    InFlight,
    /// <summary>It worked.</summary>
    Done,
    /// <summary>The driver said that it did not work.</summary>
    Failed,
}

/// <summary>The highest generation that was asked for a handle, and what came of it.</summary>
/// <param name="Handle">The handle.</param>
/// <param name="Generation">Its generation.</param>
/// <param name="Arq">The ARQ that it is or was attached for.</param>
/// <param name="Verb">What was asked.</param>
/// <param name="Stage">How far it came.</param>
/// <param name="Error">Why it failed.</param>
internal sealed record HandleEntry(Guid Handle, long Generation, Guid Arq, HandleVerb Verb, HandleStage Stage, string? Error = null)
{
    /// <summary>When this process came to know it, in timestamps of its clock: no wall time, which may jump.</summary>
    [JsonIgnore]
    public long Since { get; init; }

    /// <summary>True if <paramref name="other"/> is the same piece of work.</summary>
    public bool SameWork(HandleEntry other) => (Handle, Generation, Arq, Verb) == (other.Handle, other.Generation, other.Arq, other.Verb);
}

/// <summary>All that the journal holds; immutable.</summary>
/// <param name="AgentId">Drawn once.</param>
/// <param name="BootNumber">Number of this start, from 1.</param>
/// <param name="SyncedEpoch">Epoch for which the last full report was accepted; 0 before the first.</param>
/// <param name="Handles">By handle.</param>
internal sealed record JournalState(Guid AgentId, long BootNumber, long SyncedEpoch, ImmutableDictionary<Guid, HandleEntry> Handles)
{
    /// <summary>What is known of a handle; null if nothing.</summary>
    public HandleEntry? Of(Guid handle) => Handles.GetValueOrDefault(handle);

    /// <summary>With newly asked work, unless newer work of the handle is known already.</summary>
    public JournalState WithAsked(HandleEntry asked) =>
        Of(asked.Handle) is { } known && known.Generation >= asked.Generation ? this : this with { Handles = Handles.SetItem(asked.Handle, asked) };

    /// <summary>With the outcome of work, unless newer work of the handle was asked meanwhile.</summary>
    public JournalState WithOutcome(HandleEntry outcome) =>
        Of(outcome.Handle) is { } known && known.Generation > outcome.Generation ? this : this with { Handles = Handles.SetItem(outcome.Handle, outcome) };

    /// <summary>Without the handles that are free again and were so before a moment: a command older than that cannot come any more, and what comes
    /// is newer whatever its number.</summary>
    public JournalState WithoutFreeSince(long moment)
    {
        var old = Handles.Values.Where(entry => entry is { Verb: HandleVerb.Detach, Stage: HandleStage.Done } && entry.Since < moment)
            .Select(entry => entry.Handle).ToList();
        return old.Count == 0 ? this : this with { Handles = Handles.RemoveRange(old) };
    }
}
