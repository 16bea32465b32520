using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Reconcile;

/// <summary>One thing that is not as it should be, and how it is mended.</summary>
/// <param name="ArqUuid">The ARQ that it is about.</param>
/// <param name="Text">What is wrong, and what is done about it.</param>
public sealed record Finding(Guid ArqUuid, string Text)
{
    internal Func<Session, Task<bool>> MendAsync { get; init; } = _ => Task.FromResult(false);
}

/// <summary>Finds drift: rows that contradict each other though no transaction is under way. Transactions leave none; a database that was restored or
/// edited by hand may have some.</summary>
public static class Drift
{
    // A claim that ran out is taken over at once by whoever looks next; one that lies for so long is nobody's.
    private const double ForgottenClaimSeconds = 60;

    /// <summary>Everything that would be mended now. Six statements in one snapshot.</summary>
    public static Task<List<Finding>> FindAsync(CyborgDatabase database, bool tellNova, CancellationToken cancellationToken) =>
        database.ReadSnapshotAsync(session => FindAsync(session, tellNova), cancellationToken);

    internal static async Task<List<Finding>> FindAsync(Session session, bool tellNova)
    {
        var found = new List<Finding>();
        Add(found, await DriftStore.OrphanHandlesAsync(session), "a handle is held for it though it is gone or not bound; the handle is taken back",
            DriftStore.ReleaseAsync);
        foreach (var state in new[] { AttachHandleState.Held, AttachHandleState.Releasing })
        {
            Add(found, await DriftStore.LostJobsAsync(session, state), $"its handle is {state} and waits for its host without a job; it is given one",
                (mending, drift) => DriftStore.GiveJobAsync(mending, drift, state));
        }
        foreach (var state in new[] { ArqState.BindStarted, ArqState.Bound })
        {
            Add(found, await DriftStore.LostHandlesAsync(session, state), $"it is {state} and holds no handle, its host or device is gone; its bind has failed",
                (mending, drift) => FailAsync(mending, drift, state, tellNova));
        }
        Add(found, await DriftStore.ExpiredClaimsAsync(session, ForgottenClaimSeconds), "a conductor's claim on its job ran out; it is given up",
            DriftStore.GiveUpClaimAsync);
        return found;
    }

    private static void Add(List<Finding> found, IEnumerable<DriftRow> rows, string text, Func<Session, DriftRow, Task<bool>> mend) =>
        found.AddRange(rows.Select(row => new Finding(row.ArqUuid, text) { MendAsync = session => mend(session, row) }));

    private static async Task<bool> FailAsync(Session session, DriftRow drift, ArqState state, bool tellNova)
    {
        if (!await DriftStore.FailAsync(session, drift, state, "The attach handle is gone, with its device or host."))
            return false;
        if (tellNova && state == ArqState.BindStarted)
            await NovaEventStore.InsertAsync(session, drift.ArqUuid, NovaEventStore.Failed);
        return true;
    }
}
