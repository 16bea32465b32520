using Cyborg.Model;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.DataProvider.PostgreSQL;

namespace Cyborg.Storage;

/// <summary>Statements that hand out attach handles and take them back. A handle names its holder; unique constraints see to it that an ARQ
/// holds one at most.</summary>
public static class AttachHandleStore
{
    private sealed record Holder(int HandleId, Guid ArqUuid);

    /// <summary>Locks up to <paramref name="count"/> free handles of a deployable and returns their keys, lowest first. Handles that others have
    /// locked are passed over; only if that leaves too few does it wait for them, since they may be free again.</summary>
    public static async Task<IReadOnlyList<int>> LockFreeAsync(Session session, int deployableId, int count)
    {
        var free = session.AttachHandles
            .Where(handle => handle.DeployableId == deployableId && handle.State == AttachHandleState.Free && !handle.Missing)
            .OrderBy(handle => handle.Id)
            .Select(handle => handle.Id)
            .Take(count);
        if (!session.IsPostgres)
            return await free.ToListAsync();
        var taken = await free.AsPostgreSQL().ForUpdateSkipLockedHint().ToListAsync();
        return taken.Count == count ? taken : await free.AsPostgreSQL().ForUpdateHint().ToListAsync();
    }

    /// <summary>Gives free handles to ARQs; returns how many it gave.</summary>
    public static Task<int> HoldAsync(Session session, IReadOnlyCollection<(int HandleId, Guid ArqUuid)> holders)
    {
        var pairs = holders.Select(holder => new Holder(holder.HandleId, holder.ArqUuid)).ToList();
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
                    UpdatedAt = session.Now,
                });
    }

    /// <summary>Frees the handles of ARQs; returns how many there were. One that is missing from its host stays out of reach until a report
    /// removes it.</summary>
    public static Task<int> ReleaseAsync(Session session, IReadOnlyCollection<Guid> arqs) =>
        session.AttachHandles
            .Where(handle => handle.State == AttachHandleState.Held && arqs.Contains(handle.ArqUuid!.Value))
            .Set(handle => handle.State, AttachHandleState.Free)
            .Set(handle => handle.ArqUuid, (Guid?)null)
            .Set(handle => handle.Generation, handle => handle.Generation + 1)
            .Set(handle => handle.UpdatedAt, session.Now)
            .UpdateAsync();

    /// <summary>True if an ARQ holds a handle of the deployable, or the host has still to undo its work on one.</summary>
    public static Task<bool> AnyInUseAsync(Session session, int deployableId) =>
        session.AttachHandles.AnyAsync(handle => handle.DeployableId == deployableId && handle.State != AttachHandleState.Free);
}
