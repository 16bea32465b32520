using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage;

/// <summary>A host as the table <c>hosts</c> shows it, for people.</summary>
/// <param name="Name">The agent's name of it.</param>
/// <param name="AgentId">The agent that holds the name; null if none has.</param>
/// <param name="Live">True while the lease has not run out, in the database's clock.</param>
/// <param name="Fenced">True until the agent has reported for the present epoch.</param>
/// <param name="SeenAt">When its agent was last heard, in the database's clock; null if never.</param>
public sealed record HostSummary(string Name, Guid? AgentId, bool Live, bool Fenced, DateTimeOffset? SeenAt)
{
    /// <summary>All hosts, by name. One statement.</summary>
    /// <param name="session">Reads.</param>
    /// <param name="leaseTimeout">How long a lease holds.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task<List<HostSummary>> ListAsync(Session session, TimeSpan leaseTimeout, CancellationToken cancellationToken)
    {
        var seconds = leaseTimeout.TotalSeconds;
        return session.Hosts.OrderBy(row => row.Name)
            .Select(row => new HostSummary(
                row.Name, row.AgentId, row.SeenAt != null && row.SeenAt >= DatabaseClock.In(-seconds), row.Fenced, row.SeenAt))
            .ToListAsync(cancellationToken);
    }
}
