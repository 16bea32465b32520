using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.DataProvider.PostgreSQL;

namespace Cyborg.Storage;

/// <summary>A message owed to Nova, claimed by one conductor.</summary>
/// <param name="Id">Key of the row.</param>
/// <param name="InstanceUuid">The instance.</param>
/// <param name="ArqUuid">The ARQ.</param>
/// <param name="Status"><c>completed</c> or <c>failed</c>.</param>
/// <param name="Attempts">How often it was sent before.</param>
/// <param name="Void">True if the ARQ is gone or has moved on: it is not to be sent.</param>
public sealed record NovaEvent(int Id, Guid InstanceUuid, Guid ArqUuid, string Status, int Attempts, bool Void);

/// <summary>Statements on the outbox to Nova.</summary>
public static class NovaEventStore
{
    /// <summary>The bind ended well.</summary>
    public const string Completed = "completed";

    /// <summary>The bind failed.</summary>
    public const string Failed = "failed";

    // Any number serves: claims of all conductors take turns on it.
    private static readonly Guid ClaimTurn = new("6d0a7b52-6c80-4f6c-9a44-0b6d1f3a9e01");

    /// <summary>Owes Nova a message about each ARQ, in the transaction that ended its bind.</summary>
    public static Task InsertAsync(Session session, IEnumerable<(Guid Instance, Guid Arq, long Generation)> ended, string status) =>
        session.InsertAllAsync([.. ended.Select(arq => new NovaEventRow
        {
            InstanceUuid = arq.Instance,
            ArqUuid = arq.Arq,
            Generation = arq.Generation,
            Status = status,
            SendAfter = DateTimeOffset.UnixEpoch, // at once, whatever the clocks say
        })]);

    /// <summary>Owes Nova a message about an ARQ as its row is now; nothing if it is bound to no instance, if one about this bind is
    /// owed already, or if it is an attachment's: then Nova does not wait, but is asked.</summary>
    public static Task InsertAsync(Session session, Guid arqUuid, string status) =>
        session.Arqs
            .Where(arq => arq.Uuid == arqUuid && arq.InstanceUuid != null && !session.Attachments.Any(attachment => attachment.ArqUuid == arq.Uuid)
                && !session.NovaEvents.Any(row => row.ArqUuid == arq.Uuid && row.Generation == arq.Generation))
            .InsertAsync(session.NovaEvents, arq => new NovaEventRow
            {
                InstanceUuid = arq.InstanceUuid!.Value,
                ArqUuid = arq.Uuid,
                Generation = arq.Generation,
                Status = status,
                SendAfter = DatabaseClock.Now(),
                CreatedAt = session.Now,
            });

    /// <summary>True if a message is due. One statement that waits for no writer.</summary>
    public static Task<bool> AnyDueAsync(Session session) => Due(session).AnyAsync();

    /// <summary>Messages that are due, and that nobody is sending.</summary>
    internal static IQueryable<NovaEventRow> Due(Session session) =>
        session.NovaEvents.Where(row => row.SendAfter <= DatabaseClock.Now() && (row.ClaimUntil == null || row.ClaimUntil <= DatabaseClock.Now()));

    /// <summary>Claims messages that are due, oldest first; none of an instance that another conductor is telling something.</summary>
    public static async Task<List<NovaEvent>> ClaimAsync(Session session, Guid token, int most, double leaseSeconds)
    {
        // Claims take turns, so that each sees the others' and an instance is told one thing at a time.
        await session.LockInstancesAsync([ClaimTurn]);
        var claimed = session.NovaEvents.Where(other => other.ClaimUntil > DatabaseClock.Now()).Select(other => other.InstanceUuid);
        var due = session.NovaEvents
            .Where(row => row.SendAfter <= DatabaseClock.Now() && !claimed.Contains(row.InstanceUuid))
            .OrderBy(row => row.Id).Select(row => row.Id).Take(most);
        var ids = session.IsPostgres ? await due.AsPostgreSQL().ForUpdateSkipLockedHint().ToListAsync() : await due.ToListAsync();
        if (ids.Count == 0)
            return [];
        await session.NovaEvents.Where(row => ids.Contains(row.Id))
            .Set(row => row.ClaimToken, token).Set(row => row.ClaimUntil, _ => DatabaseClock.In(leaseSeconds)).UpdateAsync();
        return await (from row in session.NovaEvents
                      from arq in session.Arqs.LeftJoin(arq => arq.Uuid == row.ArqUuid)
                      where ids.Contains(row.Id)
                      orderby row.Id
                      select new NovaEvent(
                          row.Id, row.InstanceUuid, row.ArqUuid, row.Status, row.Attempts, arq == null || arq.Generation != row.Generation))
            .ToListAsync();
    }

    /// <summary>Deletes messages that are done with; a lost claim deletes nothing.</summary>
    public static Task<int> DeleteAsync(Session session, IReadOnlyCollection<int> ids, Guid token) =>
        session.NovaEvents.Where(row => ids.Contains(row.Id) && row.ClaimToken == token).DeleteAsync();

    /// <summary>Gives messages back, to be sent again after some seconds; a lost claim changes nothing.</summary>
    public static Task<int> PostponeAsync(Session session, IReadOnlyCollection<int> ids, Guid token, double seconds) =>
        session.NovaEvents.Where(row => ids.Contains(row.Id) && row.ClaimToken == token)
            .Set(row => row.Attempts, row => row.Attempts + 1)
            .Set(row => row.SendAfter, _ => DatabaseClock.In(seconds))
            .Set(row => row.ClaimToken, (Guid?)null)
            .Set(row => row.ClaimUntil, (DateTimeOffset?)null)
            .UpdateAsync();

    /// <summary>Deletes the messages about ARQs, whoever is sending them.</summary>
    public static Task<int> ForgetAsync(Session session, IReadOnlyCollection<Guid> arqs) =>
        session.NovaEvents.Where(row => arqs.Contains(row.ArqUuid)).DeleteAsync();
}
