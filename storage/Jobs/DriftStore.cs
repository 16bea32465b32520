using Cyborg.Model;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage;

/// <summary>Something in the rows that no running transaction explains.</summary>
/// <param name="ArqUuid">The ARQ that it is about.</param>
/// <param name="HandleId">Key of the handle, if it is about one.</param>
/// <param name="Generation">Generation of the handle or, without one, of the ARQ: what changes meanwhile is left alone.</param>
public sealed record DriftRow(Guid ArqUuid, int? HandleId, long Generation);

/// <summary>Statements that find and mend drift. Each mend is conditional on what was found.</summary>
public static class DriftStore
{
    private static readonly ArqState[] Holding = [ArqState.BindStarted, ArqState.Bound, ArqState.BindFailed, ArqState.UnbindFailed];

    /// <summary>Handles that are held by an ARQ that is gone or holds nothing in its state.</summary>
    public static Task<List<DriftRow>> OrphanHandlesAsync(Session session) =>
        (from handle in session.AttachHandles
         where handle.State == AttachHandleState.Held && !session.Arqs.Any(arq => arq.Uuid == handle.ArqUuid && Holding.Contains(arq.State))
         orderby handle.Id
         select new DriftRow(handle.ArqUuid!.Value, handle.Id, handle.Generation)).ToListAsync();

    /// <summary>Handles that wait for their host without a job: held for a bind that is under way, or releasing.</summary>
    public static Task<List<DriftRow>> LostJobsAsync(Session session, AttachHandleState state) =>
        (from handle in session.AttachHandles
         where handle.State == state && handle.Job == null
             && (state == AttachHandleState.Releasing
                 || session.Arqs.Any(arq => arq.Uuid == handle.ArqUuid && arq.State == ArqState.BindStarted && arq.FailedAt == null))
         orderby handle.Id
         select new DriftRow(handle.ArqUuid!.Value, handle.Id, handle.Generation)).ToListAsync();

    /// <summary>ARQs in a state that takes a handle, which hold none: their host or its devices were deleted.</summary>
    public static Task<List<DriftRow>> LostHandlesAsync(Session session, ArqState state) =>
        (from arq in session.Arqs
         where arq.State == state && arq.FailedAt == null
             && !session.AttachHandles.Any(handle => handle.ArqUuid == arq.Uuid && handle.State == AttachHandleState.Held)
         orderby arq.Uuid
         select new DriftRow(arq.Uuid, null, arq.Generation)).ToListAsync();

    /// <summary>Claims on jobs that ran out more than so many seconds ago.</summary>
    public static Task<List<DriftRow>> ExpiredClaimsAsync(Session session, double seconds) =>
        (from handle in session.AttachHandles
         where handle.JobUntil < DatabaseClock.In(-seconds)
         orderby handle.Id
         select new DriftRow(handle.ArqUuid!.Value, handle.Id, handle.Generation)).ToListAsync();

    /// <summary>Takes an orphan's handle back, as an unbind would.</summary>
    public static async Task<bool> ReleaseAsync(Session session, DriftRow drift) =>
        (await AttachHandleStore.ReleaseAsync(
            session, session.AttachHandles.Where(handle => handle.Id == drift.HandleId && handle.Generation == drift.Generation), [drift.ArqUuid])).Count == 1;

    /// <summary>Gives a handle the job that it lost.</summary>
    public static async Task<bool> GiveJobAsync(Session session, DriftRow drift, AttachHandleState state) =>
        await session.AttachHandles
            .Where(handle => handle.Id == drift.HandleId && handle.Generation == drift.Generation && handle.State == state && handle.Job == null)
            .Set(handle => handle.Job, state == AttachHandleState.Held ? AttachHandleRow.AttachJob : AttachHandleRow.ReleaseJob)
            .Set(handle => handle.JobBegan, _ => DatabaseClock.Now())
            .Set(handle => handle.JobAttempts, 0)
            .UpdateAsync() == 1;

    /// <summary>Gives up a claim that ran out.</summary>
    public static async Task<bool> GiveUpClaimAsync(Session session, DriftRow drift) =>
        await session.AttachHandles
            .Where(handle => handle.Id == drift.HandleId && handle.Generation == drift.Generation && handle.JobUntil < DatabaseClock.Now())
            .Set(handle => handle.JobToken, (Guid?)null)
            .Set(handle => handle.JobUntil, (DateTimeOffset?)null)
            .UpdateAsync() == 1;

    /// <summary>Notes that an ARQ's bind has failed because its handle is gone. A bound one is shown as failed at once: Nova has long heard of
    /// its success.</summary>
    public static async Task<bool> FailAsync(Session session, DriftRow drift, ArqState state, string failure) =>
        await session.Arqs
            .Where(arq => arq.Uuid == drift.ArqUuid && arq.Generation == drift.Generation && arq.State == state && arq.FailedAt == null)
            .Set(arq => arq.State, state == ArqState.Bound ? ArqState.BindFailed : state)
            .Set(arq => arq.Failure, failure)
            .Set(arq => arq.FailedAt, _ => DatabaseClock.Now())
            .Set(arq => arq.UpdatedAt, session.Now)
            .UpdateAsync() == 1;
}
