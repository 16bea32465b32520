using System.Collections.Frozen;

namespace Cyborg.Model;

/// <summary>Where an ARQ is in its life; spelled as on the wire.</summary>
public enum ArqState
{
    /// <summary>Made, bound to nothing.</summary>
    Initial,
    /// <summary>Work on the host is under way; the row is the job.</summary>
    BindStarted,
    /// <summary>Holds an attach handle.</summary>
    Bound,
    /// <summary>Given back; may be bound again.</summary>
    Unbound,
    /// <summary>Work on the host failed, and Nova has been told.</summary>
    BindFailed,
    /// <summary>Giving back failed.</summary>
    UnbindFailed,
    /// <summary>On its way out.</summary>
    Deleting,
}

/// <summary>The life of an ARQ as data (upstream: cyborg/common/constants.py, ARQ_STATES_TRANSFORM_MATRIX, which lacks the last two rows).</summary>
public static class ArqStates
{
    /// <summary>For each state, the states from which it may be entered.</summary>
    public static FrozenDictionary<ArqState, FrozenSet<ArqState>> AllowedFrom { get; } = new Dictionary<ArqState, FrozenSet<ArqState>>
    {
        [ArqState.Initial] = FrozenSet<ArqState>.Empty,
        [ArqState.BindStarted] = Set(ArqState.Initial, ArqState.Unbound),
        [ArqState.Bound] = Set(ArqState.BindStarted),
        [ArqState.BindFailed] = Set(ArqState.BindStarted, ArqState.Bound),
        [ArqState.Unbound] = Set(ArqState.Initial, ArqState.BindStarted, ArqState.Bound, ArqState.BindFailed, ArqState.UnbindFailed),
        [ArqState.UnbindFailed] = Set(ArqState.BindStarted, ArqState.Bound, ArqState.BindFailed),
        [ArqState.Deleting] = Set(ArqState.Initial, ArqState.BindStarted, ArqState.Bound, ArqState.Unbound, ArqState.BindFailed, ArqState.UnbindFailed),
    }.ToFrozenDictionary();

    /// <summary>States that Nova need not wait on (query <c>bind_state=resolved</c>).</summary>
    public static FrozenSet<ArqState> Resolved { get; } = Set(ArqState.Bound, ArqState.BindFailed, ArqState.Deleting);

    /// <summary>True if an ARQ in <paramref name="from"/> may become <paramref name="to"/>.</summary>
    public static bool Allows(ArqState from, ArqState to) => AllowedFrom[to].Contains(from);

    private static FrozenSet<ArqState> Set(params ArqState[] states) => states.ToFrozenSet();
}
