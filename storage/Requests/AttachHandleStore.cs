using Cyborg.Model;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.DataProvider.PostgreSQL;

namespace Cyborg.Storage;

/// <summary>A handle that may be given to an ARQ.</summary>
/// <param name="Id">Its key.</param>
/// <param name="HostWork">True if attaching it needs work on the host.</param>
public sealed record FreeHandle(int Id, bool HostWork);

/// <summary>How an ARQ takes a handle.</summary>
/// <param name="HandleId">Key of the handle.</param>
/// <param name="ArqUuid">The ARQ.</param>
/// <param name="Wish">What it wants the deployable to run; null for whatever it runs.</param>
/// <param name="Programmed">True if the deployable has to be programmed first.</param>
/// <param name="ToHost">True if it is attached to its own host, and not for a guest.</param>
public sealed record HandleTaking(int HandleId, Guid ArqUuid, ImageWish? Wish, bool Programmed, bool ToHost = false);

/// <summary>What a release did.</summary>
/// <param name="Count">Handles taken back.</param>
/// <param name="LeftJobs">True if a host has work to do for one of them.</param>
public readonly record struct ReleasedHandles(int Count, bool LeftJobs);

/// <summary>Statements that hand out attach handles and take them back. A handle names its holder; unique constraints see to it that an ARQ
/// holds one at most.</summary>
public static class AttachHandleStore
{
    private sealed record Holder(int HandleId, Guid ArqUuid, Guid? Image, string? Function, bool Programmed, bool ToHost);

    /// <summary>Locks up to <paramref name="count"/> free handles of a deployable and returns them, lowest key first. Handles that others have
    /// locked are passed over; only if that leaves too few does it wait for them, since they may be free again.</summary>
    public static async Task<IReadOnlyList<FreeHandle>> LockFreeAsync(Session session, int deployableId, int count)
    {
        var free = session.AttachHandles
            .Where(handle => handle.DeployableId == deployableId && handle.State == AttachHandleState.Free && !handle.Missing)
            .OrderBy(handle => handle.Id)
            .Select(handle => new FreeHandle(handle.Id, handle.HostWork))
            .Take(count);
        if (!session.IsPostgres)
            return await free.ToListAsync();
        var taken = await free.AsPostgreSQL().ForUpdateSkipLockedHint().ToListAsync();
        return taken.Count == count ? taken : await free.AsPostgreSQL().ForUpdateHint().ToListAsync();
    }

    /// <summary>Gives free handles to ARQs; those that need work on the host, are attached to it, or whose deployable has to be programmed first, get it as a job (a free
    /// handle's other job columns are empty). Returns how many it gave.</summary>
    public static Task<int> HoldAsync(Session session, IEnumerable<HandleTaking> takings)
    {
        var pairs = takings.Select(taking => new Holder(taking.HandleId, taking.ArqUuid, taking.Wish?.Image, taking.Wish?.Function, taking.Programmed, taking.ToHost)).ToList();
        return (from handle in session.AttachHandles
                join holder in pairs.AsQueryable(session) on handle.Id equals holder.HandleId
                where handle.State == AttachHandleState.Free
                select new { handle, holder })
            .UpdateAsync(
                pair => pair.handle,
                pair => new AttachHandleRow
                {
                    State = AttachHandleState.Held,
                    ArqUuid = pair.holder.ArqUuid,
                    Generation = pair.handle.Generation + 1,
                    WantsImage = pair.holder.Image,
                    WantsFunction = pair.holder.Function,
                    ToHost = pair.holder.ToHost,
                    Job = pair.handle.HostWork || pair.holder.Programmed || pair.holder.ToHost ? AttachHandleRow.AttachJob : null,
                    JobBegan = DatabaseClock.Now(),
                    UpdatedAt = session.Now,
                });
    }

    /// <summary>Takes the handles of ARQs back. One that needs work on the host is <see cref="AttachHandleState.Releasing"/> until the host has done it,
    /// another is free at once; one that is missing from its host stays out of reach until a report removes it. Tells which there were.</summary>
    public static Task<ReleasedHandles> ReleaseAsync(Session session, IReadOnlyCollection<Guid> arqs) =>
        ReleaseAsync(session, session.AttachHandles.Where(handle => arqs.Contains(handle.ArqUuid!.Value)), arqs);

    /// <summary>As the other, for handles of ARQs that are chosen by a query; only held ones are touched. Two statements, three if any is releasing.</summary>
    internal static async Task<ReleasedHandles> ReleaseAsync(Session session, IQueryable<AttachHandleRow> handles, IReadOnlyCollection<Guid> arqs)
    {
        var held = handles.Where(handle => handle.State == AttachHandleState.Held);
        // Two plain updates: linq2db compiles one with conditional nulls anew each time, which costs more than the second statement.
        var freed = await held.Where(handle => !handle.HostWork && !handle.ToHost)
            .Set(handle => handle.State, AttachHandleState.Free)
            .Set(handle => handle.ArqUuid, (Guid?)null)
            .Set(handle => handle.Generation, handle => handle.Generation + 1)
            .Set(handle => handle.WantsImage, (Guid?)null)
            .Set(handle => handle.WantsFunction, (string?)null)
            .Set(handle => handle.Job, (string?)null)
            .Set(handle => handle.JobToken, (Guid?)null)
            .Set(handle => handle.JobUntil, (DateTimeOffset?)null)
            .Set(handle => handle.JobAfter, (DateTimeOffset?)null)
            .Set(handle => handle.JobAttempts, 0)
            .Set(handle => handle.JobFailure, (string?)null)
            .Set(handle => handle.UpdatedAt, session.Now)
            .UpdateAsync();
        var releasing = await held.Where(handle => handle.HostWork || handle.ToHost)
            .Set(handle => handle.State, AttachHandleState.Releasing)
            .Set(handle => handle.Generation, handle => handle.Generation + 1)
            .Set(handle => handle.WantsImage, (Guid?)null)
            .Set(handle => handle.WantsFunction, (string?)null)
            .Set(handle => handle.Job, AttachHandleRow.ReleaseJob)
            .Set(handle => handle.JobBegan, _ => DatabaseClock.Now())
            .Set(handle => handle.JobToken, (Guid?)null)
            .Set(handle => handle.JobUntil, (DateTimeOffset?)null)
            .Set(handle => handle.JobAfter, (DateTimeOffset?)null)
            .Set(handle => handle.JobAttempts, 0)
            .Set(handle => handle.JobFailure, (string?)null)
            .Set(handle => handle.UpdatedAt, session.Now)
            .UpdateAsync();
        if (releasing > 0)
            await WithheldAsync(session, arqs);
        return new ReleasedHandles(freed + releasing, releasing > 0);
    }

    /// <summary>True if an ARQ holds a handle of the deployable, or the host has still to undo its work on one.</summary>
    public static Task<bool> AnyInUseAsync(Session session, int deployableId) =>
        session.AttachHandles.AnyAsync(handle => handle.DeployableId == deployableId && handle.State != AttachHandleState.Free);

    // Placement is to show fewer of their deployables.
    private static async Task WithheldAsync(Session session, IReadOnlyCollection<Guid> arqs)
    {
        var hosts = await (from handle in session.AttachHandles
                           join deployable in session.Deployables on handle.DeployableId equals deployable.Id
                           join device in session.Devices on deployable.DeviceId equals device.Id
                           where arqs.Contains(handle.ArqUuid!.Value) && handle.State == AttachHandleState.Releasing
                           select device.Hostname).Distinct().ToListAsync();
        foreach (var host in hosts)
            session.ProvidersChanged(host);
    }
}
