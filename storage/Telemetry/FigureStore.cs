using LinqToDB;

namespace Cyborg.Storage;

/// <summary>What the monitoring wants to know of the whole state.</summary>
/// <param name="OutboxLength">Messages owed to Nova.</param>
/// <param name="OutboxSince">When the oldest of them was written; null if there is none.</param>
/// <param name="Clock">The database's time of the look.</param>
/// <param name="Hosts">All hosts.</param>
/// <param name="Fenced">Those that are fenced.</param>
/// <param name="Expired">Those whose lease has run out, and that are not fenced yet.</param>
public sealed record StateFigures(int OutboxLength, DateTimeOffset? OutboxSince, DateTimeOffset Clock, int Hosts, int Fenced, int Expired);

/// <summary>Statements for the monitoring.</summary>
public static class FigureStore
{
    /// <summary>Looks. One statement.</summary>
    public static Task<StateFigures> ReadAsync(Session session, TimeSpan leaseTimeout)
    {
        var seconds = leaseTimeout.TotalSeconds;
        return session.SelectAsync(() => new StateFigures(
            session.NovaEvents.Count(),
            session.NovaEvents.Min(row => (DateTimeOffset?)row.CreatedAt),
            DatabaseClock.Now(),
            session.Hosts.Count(),
            session.Hosts.Count(row => row.Fenced),
            session.Hosts.Count(row => !row.Fenced && (row.SeenAt == null || row.SeenAt < DatabaseClock.In(-seconds)))));
    }
}
