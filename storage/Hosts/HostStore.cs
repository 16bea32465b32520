using System.Globalization;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.Data;
using LinqToDB.DataProvider.PostgreSQL;

namespace Cyborg.Storage;

/// <summary>A host's lease; its row is locked until the transaction ends.</summary>
/// <param name="Id">Key of the host.</param>
/// <param name="Name">Its name.</param>
/// <param name="AgentId">The agent that holds the name; null if none has.</param>
/// <param name="BootId">That agent's start.</param>
/// <param name="BootNumber">Number of that start.</param>
/// <param name="Live">True while the lease has not run out, in the database's clock.</param>
/// <param name="Epoch">Rises with each fence.</param>
/// <param name="Fenced">True until the agent has reported for the present epoch.</param>
/// <param name="Checksum">Of the last report; null if the host is to report again.</param>
/// <param name="Providers">How often that which Placement is to show of it has changed.</param>
public sealed record HostLease(
    int Id, string Name, Guid? AgentId, Guid? BootId, long BootNumber, bool Live, long Epoch, bool Fenced, string? Checksum, long Providers = 0);

/// <summary>Who holds a host's lease from now on.</summary>
/// <param name="Id">Key of the host.</param>
/// <param name="AgentId">The agent.</param>
/// <param name="BootId">Its start.</param>
/// <param name="BootNumber">Number of that start.</param>
/// <param name="Age">Seconds since the agent was heard.</param>
public sealed record HostRenewal(int Id, Guid AgentId, Guid BootId, long BootNumber, double Age);

/// <summary>What a look at the leases shows.</summary>
/// <param name="Clock">The database's clock.</param>
/// <param name="Overdue">True if a lease has run out and its host is not fenced.</param>
/// <param name="FenceOwed">True if a host is fenced whose agent writes to Placement, and Placement does not show it yet.</param>
public sealed record LeaseLook(DateTimeOffset Clock, bool Overdue, bool FenceOwed);

/// <summary>A host that was just fenced.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Epoch">Its new epoch.</param>
/// <param name="SeenAt">When its agent was last heard, in the database's clock; null if never.</param>
public sealed record FencedHost(string Name, long Epoch, DateTimeOffset? SeenAt);

/// <summary>Statements on hosts: leases, fences, checksums. Times are the database's.</summary>
public static class HostStore
{
    private const string PostgresRenew = """
        UPDATE hosts SET agent_id = heard.agent, boot_id = heard.boot, boot_number = heard.number,
            seen_at = GREATEST(hosts.seen_at, now() - make_interval(secs => heard.age))
        FROM unnest(@ids, @agents, @boots, @numbers, @ages) AS heard (id, agent, boot, number, age)
        WHERE hosts.id = heard.id
        """;

    private const string SqliteRenew = """
        UPDATE hosts SET agent_id = heard.agent, boot_id = heard.boot, boot_number = heard.number, seen_at = max(coalesce(hosts.seen_at, heard.at), heard.at)
        FROM (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS agent, json_extract(value, '$[2]') AS boot,
                json_extract(value, '$[3]') AS number, strftime('%Y-%m-%d %H:%M:%f', 'now', json_extract(value, '$[4]') || ' seconds') || '000' AS at
            FROM json_each(@renewals)) AS heard
        WHERE hosts.id = heard.id
        """;

    /// <summary>Locks a host, and makes its row if there is none, so that reports of one host come one after the other. One statement; three for
    /// a new host.</summary>
    public static async Task<HostLease> LockAsync(Session session, string name, TimeSpan leaseTimeout)
    {
        if (await FindAsync() is { } known)
            return known;
        // Two first reports at once: the later one waits here for the earlier, and then finds its row.
        await session.Hosts.InsertOrUpdateAsync(
            () => new HostRow { Name = name, CreatedAt = session.Now }, onDuplicateKeyUpdateSetter: null, () => new HostRow { Name = name });
        return await FindAsync() ?? throw new InvalidOperationException($"The row of host {name} is gone although nothing deletes it.");

        Task<HostLease?> FindAsync()
        {
            var lease = Leases(session.Hosts.Where(row => row.Name == name), leaseTimeout);
            return session.IsPostgres ? lease.AsPostgreSQL().ForUpdateHint().FirstOrDefaultAsync() : lease.FirstOrDefaultAsync();
        }
    }

    /// <summary>A host's lease as it is now, without a lock; null if the host never reported. One statement.</summary>
    public static Task<HostLease?> ReadAsync(Session session, string name, TimeSpan leaseTimeout) =>
        Leases(session.Hosts.Where(row => row.Name == name), leaseTimeout).FirstOrDefaultAsync();

    /// <summary>Locks those of the named hosts that nobody else has locked: one that is stuck in another transaction holds up itself only. In the
    /// order of their keys. One statement.</summary>
    public static Task<List<HostLease>> LockFreeAsync(Session session, IReadOnlyCollection<string> names, TimeSpan leaseTimeout)
    {
        var leases = Leases(session.Hosts.Where(row => names.Contains(row.Name)).OrderBy(row => row.Id), leaseTimeout);
        return session.IsPostgres ? leases.AsPostgreSQL().ForUpdateSkipLockedHint().ToListAsync() : leases.ToListAsync();
    }

    /// <summary>Which of these hosts have a row. One statement.</summary>
    public static Task<List<string>> ExistingAsync(Session session, IReadOnlyCollection<string> names) =>
        session.Hosts.Where(row => names.Contains(row.Name)).Select(row => row.Name).ToListAsync();

    /// <summary>Writes leases of hosts that are locked; a lease never moves back. One statement, however many, and the same text each time.</summary>
    public static Task<int> RenewAsync(Session session, IReadOnlyCollection<HostRenewal> renewals) => session.IsPostgres
        ? session.ExecuteAsync(
            PostgresRenew,
            new DataParameter("ids", renewals.Select(renewal => renewal.Id).ToArray()),
            new DataParameter("agents", renewals.Select(renewal => renewal.AgentId).ToArray()),
            new DataParameter("boots", renewals.Select(renewal => renewal.BootId).ToArray()),
            new DataParameter("numbers", renewals.Select(renewal => renewal.BootNumber).ToArray()),
            new DataParameter("ages", renewals.Select(renewal => renewal.Age).ToArray()))
        : session.ExecuteAsync(SqliteRenew, new DataParameter("renewals", Json(renewals)));

    /// <summary>Notes that a report of a locked host was carried out. One statement.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="reporter">Who reported; its age does not count: a report is heard now.</param>
    /// <param name="checksum">The report's; null if something of it is left to be done, so that it is asked for again.</param>
    /// <param name="restored">True if the report was for the present epoch, which ends a fence.</param>
    /// <param name="managesProviders">True if the agent writes the host's providers to Placement.</param>
    /// <param name="backends">Backends of the host's drivers; null if the agent does not tell.</param>
    public static Task<int> ReportedAsync(
        Session session, HostRenewal reporter, string? checksum, bool restored, bool managesProviders, string? backends = null) =>
        session.Hosts.Where(row => row.Id == reporter.Id)
            .Set(row => row.AgentId, reporter.AgentId)
            .Set(row => row.BootId, reporter.BootId)
            .Set(row => row.BootNumber, reporter.BootNumber)
            .Set(row => row.SeenAt, row => DatabaseClock.Later(row.SeenAt, DatabaseClock.Now()))
            .Set(row => row.Checksum, checksum)
            .Set(row => row.Fenced, row => row.Fenced && !restored)
            .Set(row => row.ManagesProviders, managesProviders)
            .Set(row => row.Backends, backends)
            .Set(row => row.UpdatedAt, session.Now)
            .UpdateAsync();

    /// <summary>Has hosts report in full: to be called first in a transaction that changes a host's tree and is no report. Locks the hosts. One
    /// statement.</summary>
    public static Task<int> ForgetReportAsync(Session session, IReadOnlyCollection<string> names) =>
        session.Hosts.Where(row => names.Contains(row.Name)).Set(row => row.Checksum, (string?)null).UpdateAsync();

    /// <summary>Reads the database's clock, whether any host is overdue, and whether Placement is to be told of a fence. One statement.</summary>
    public static Task<LeaseLook> LookAsync(Session session, TimeSpan leaseTimeout, CancellationToken cancellation)
    {
        var (overdue, fences) = (Overdue(session, leaseTimeout), OwedFences(session));
        return session.SelectAsync(() => new LeaseLook(DatabaseClock.Now(), overdue.Any(), fences.Any()), cancellation);
    }

    /// <summary>Fences the hosts whose lease has run out, each once: their epoch rises. A host that another transaction has locked is left for the
    /// next time. Two statements; one if there is none.</summary>
    public static async Task<IReadOnlyList<FencedHost>> FenceAsync(Session session, TimeSpan leaseTimeout)
    {
        var overdue = Overdue(session, leaseTimeout)
            .OrderBy(row => row.Id)
            .Select(row => new { row.Id, row.Name, row.Epoch, row.SeenAt });
        var found = session.IsPostgres ? await overdue.AsPostgreSQL().ForUpdateSkipLockedHint().ToListAsync() : await overdue.ToListAsync();
        if (found.Count == 0)
            return [];
        var ids = found.Select(row => row.Id).ToList();
        await session.Hosts.Where(row => ids.Contains(row.Id) && !row.Fenced)
            .Set(row => row.Fenced, true)
            .Set(row => row.Epoch, row => row.Epoch + 1)
            .Set(row => row.UpdatedAt, session.Now)
            .UpdateAsync();
        return [.. found.Select(row => new FencedHost(row.Name, row.Epoch + 1, row.SeenAt))];
    }

    /// <summary>Hosts whose lease has run out and that are not fenced.</summary>
    internal static IQueryable<HostRow> Overdue(Session session, TimeSpan leaseTimeout)
    {
        var seconds = leaseTimeout.TotalSeconds;
        return session.Hosts.Where(row => !row.Fenced && (row.SeenAt == null || row.SeenAt < DatabaseClock.In(-seconds)));
    }

    /// <summary>Fenced hosts whose agent writes to Placement, which does not show it yet.</summary>
    internal static IQueryable<HostRow> OwedFences(Session session) =>
        session.Hosts.Where(row => row.Fenced && row.ManagesProviders && row.FenceShown != row.Epoch);

    private static IQueryable<HostLease> Leases(IQueryable<HostRow> hosts, TimeSpan leaseTimeout)
    {
        var seconds = leaseTimeout.TotalSeconds;
        return hosts.Select(row => new HostLease(
            row.Id,
            row.Name,
            row.AgentId,
            row.BootId,
            row.BootNumber,
            row.SeenAt != null && row.SeenAt >= DatabaseClock.In(-seconds),
            row.Epoch,
            row.Fenced,
            row.Checksum,
            RevisionStore.Providers(row.Name)));
    }

    private static string Json(IEnumerable<HostRenewal> renewals) => $"[{string.Join(',', renewals.Select(renewal => string.Create(
        CultureInfo.InvariantCulture, $"[{renewal.Id},\"{renewal.AgentId:D}\",\"{renewal.BootId:D}\",{renewal.BootNumber},{-renewal.Age:F6}]")))}]";
}
