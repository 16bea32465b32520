using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.DataProvider.PostgreSQL;

namespace Cyborg.Storage;

/// <summary>Statements on what is to be told of accelerators.</summary>
public static class AcceleratorEventStore
{
    // Any number serves: claims of all conductors take turns on it.
    private static readonly Guid ClaimTurn = new("2f1f4f0a-41f8-4f0d-a0c0-5d6c6d1b7e02");

    /// <summary>Notes that something happened to accelerators, in the transaction in which it did. One statement.</summary>
    public static Task InsertAsync(Session session, IReadOnlyCollection<Guid> accelerators, string happened, string? reason) =>
        InsertAsync(session, session.Accelerators.Where(row => accelerators.Contains(row.Uuid)), happened, reason);

    /// <summary>As <see cref="InsertAsync(Session, IReadOnlyCollection{Guid}, string, string?)"/>, for accelerators that a query names.</summary>
    internal static Task<int> InsertAsync(Session session, IQueryable<AcceleratorRow> accelerators, string happened, string? reason) =>
        accelerators.OrderBy(row => row.Id).InsertAsync(session.AcceleratorEvents, row => new AcceleratorEventRow
        {
            AcceleratorUuid = row.Uuid,
            Name = row.Name,
            Host = row.Host,
            DeviceType = row.DeviceType,
            ProjectId = row.ProjectId,
            Event = happened,
            Reason = reason,
            SendAfter = DatabaseClock.Now(),
            CreatedAt = session.Now,
        });

    /// <summary>True if something is to be told. One statement that waits for no writer.</summary>
    public static Task<bool> AnyDueAsync(Session session) => Due(session).AnyAsync();

    /// <summary>What is to be told, and is not being told.</summary>
    internal static IQueryable<AcceleratorEventRow> Due(Session session) =>
        session.AcceleratorEvents.Where(row => row.SendAfter <= DatabaseClock.Now() && (row.ClaimUntil == null || row.ClaimUntil <= DatabaseClock.Now()));

    /// <summary>Claims what is to be told, oldest first; nothing of an accelerator of which something older is being told, or waits. Three statements.</summary>
    public static async Task<List<AcceleratorEventRow>> ClaimAsync(Session session, Guid token, int most, double leaseSeconds)
    {
        // Claims take turns, so that what happened to one accelerator is told in its order, whichever conductor tells it.
        await session.LockInstancesAsync([ClaimTurn]);
        var held = session.AcceleratorEvents.Where(row => row.ClaimUntil > DatabaseClock.Now() || row.SendAfter > DatabaseClock.Now())
            .Select(row => row.AcceleratorUuid);
        var due = session.AcceleratorEvents.Where(row => !held.Contains(row.AcceleratorUuid)).OrderBy(row => row.Id).Select(row => row.Id).Take(most);
        var ids = session.IsPostgres ? await due.AsPostgreSQL().ForUpdateSkipLockedHint().ToListAsync() : await due.ToListAsync();
        if (ids.Count == 0)
            return [];
        await session.AcceleratorEvents.Where(row => ids.Contains(row.Id))
            .Set(row => row.ClaimToken, token).Set(row => row.ClaimUntil, _ => DatabaseClock.In(leaseSeconds)).UpdateAsync();
        return await session.AcceleratorEvents.Where(row => ids.Contains(row.Id)).OrderBy(row => row.Id).ToListAsync();
    }

    /// <summary>Deletes what the bus has; a lost claim deletes nothing. One statement.</summary>
    public static Task<int> DeleteAsync(Session session, IReadOnlyCollection<int> ids, Guid token) =>
        session.AcceleratorEvents.Where(row => ids.Contains(row.Id) && row.ClaimToken == token).DeleteAsync();

    /// <summary>Gives back what the bus did not take, to be told again after some seconds; a lost claim changes nothing. One statement.</summary>
    public static Task<int> PostponeAsync(Session session, IReadOnlyCollection<int> ids, Guid token, double seconds) =>
        session.AcceleratorEvents.Where(row => ids.Contains(row.Id) && row.ClaimToken == token)
            .Set(row => row.Attempts, row => row.Attempts + 1)
            .Set(row => row.SendAfter, _ => DatabaseClock.In(seconds))
            .Set(row => row.ClaimToken, (Guid?)null)
            .Set(row => row.ClaimUntil, (DateTimeOffset?)null)
            .UpdateAsync();
}
