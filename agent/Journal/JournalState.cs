using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Cyborg.Model;

namespace Cyborg.Agent.Journal;

/// <summary>What was asked for a handle.</summary>
internal enum HandleVerb
{
    /// <summary>To attach it.</summary>
    Attach,
    /// <summary>To detach it.</summary>
    Detach,
    /// <summary>To attach it to this host itself.</summary>
    AttachToHost,
    /// <summary>To detach it from this host.</summary>
    DetachFromHost,
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

    /// <summary>True if it is attached by this, to a guest or to the host; false if that is undone.</summary>
    [JsonIgnore]
    public bool Attaches => Verb is HandleVerb.Attach or HandleVerb.AttachToHost;

    /// <summary>True if <paramref name="other"/> is the same piece of work.</summary>
    public bool SameWork(HandleEntry other) => (Handle, Generation, Arq, Verb) == (other.Handle, other.Generation, other.Arq, other.Verb);
}

/// <summary>The highest generation that was asked for a deployable's programming, and what came of it.</summary>
/// <param name="Deployable">The deployable.</param>
/// <param name="Generation">Its generation.</param>
/// <param name="Wish">What it was to run.</param>
/// <param name="Stage">How far it came.</param>
internal sealed record ProgramEntry(Guid Deployable, long Generation, ImageWish Wish, HandleStage Stage)
{
    /// <summary>The image that it runs now, if it worked.</summary>
    public Guid? Image { get; init; }

    /// <summary>Its function, if it tells one.</summary>
    public string? Function { get; init; }

    /// <summary>The kind of failure.</summary>
    public FaultCode? Code { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }

    /// <summary>As that of a handle.</summary>
    [JsonIgnore]
    public long Since { get; init; }
}

/// <summary>All that the journal holds; immutable.</summary>
/// <param name="AgentId">Drawn once.</param>
/// <param name="BootNumber">Number of this start, from 1.</param>
/// <param name="SyncedEpoch">Epoch for which the last full report was accepted; 0 before the first.</param>
/// <param name="Handles">By handle.</param>
internal sealed record JournalState(Guid AgentId, long BootNumber, long SyncedEpoch, ImmutableDictionary<Guid, HandleEntry> Handles)
{
    /// <summary>Programmings by deployable.</summary>
    public ImmutableDictionary<Guid, ProgramEntry> Programs { get; init; } = ImmutableDictionary<Guid, ProgramEntry>.Empty;

    /// <summary>What is known of a deployable's programming; null if nothing.</summary>
    public ProgramEntry? OfProgram(Guid deployable) => Programs.GetValueOrDefault(deployable);

    /// <summary>With a programming that was asked or has ended, unless a newer one of the deployable is known, or this one has ended already.</summary>
    public JournalState WithProgram(ProgramEntry entry) =>
        OfProgram(entry.Deployable) is { } known
        && (known.Generation > entry.Generation || (known.Generation == entry.Generation && entry.Stage == HandleStage.InFlight))
            ? this
            : this with { Programs = Programs.SetItem(entry.Deployable, entry) };

    /// <summary>What is known of a handle; null if nothing.</summary>
    public HandleEntry? Of(Guid handle) => Handles.GetValueOrDefault(handle);

    /// <summary>With newly asked work, unless newer work of the handle is known already.</summary>
    public JournalState WithAsked(HandleEntry asked) =>
        Of(asked.Handle) is { } known && known.Generation >= asked.Generation ? this : this with { Handles = Handles.SetItem(asked.Handle, asked) };

    /// <summary>With the outcome of work, unless newer work of the handle was asked meanwhile.</summary>
    public JournalState WithOutcome(HandleEntry outcome) =>
        Of(outcome.Handle) is { } known && known.Generation > outcome.Generation ? this : this with { Handles = Handles.SetItem(outcome.Handle, outcome) };

    /// <summary>Without the handles that are free again and were so before a moment, and the programmings that had ended by then: a command older than that
    /// cannot come any more, and what comes is newer whatever its number.</summary>
    public JournalState WithoutFreeSince(long moment)
    {
        var old = Handles.Values.Where(entry => entry is { Attaches: false, Stage: HandleStage.Done } && entry.Since < moment)
            .Select(entry => entry.Handle).ToList();
        var ended = Programs.Values.Where(entry => entry.Stage != HandleStage.InFlight && entry.Since < moment).Select(entry => entry.Deployable).ToList();
        return old.Count + ended.Count == 0 ? this : this with { Handles = Handles.RemoveRange(old), Programs = Programs.RemoveRange(ended) };
    }
}
