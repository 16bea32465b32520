using LinqToDB;
using LinqToDB.Async;
using LinqToDB.Data;
using Npgsql;

namespace Cyborg.Storage;

/// <summary>Statements on revisions, by which a conductor knows whether what it has cached still holds.</summary>
public static class RevisionStore
{
    // Both databases know this form.
    private const string RaiseProviders =
        "INSERT INTO provider_revisions (hostname, n) VALUES (@host, 1) ON CONFLICT (hostname) DO UPDATE SET n = provider_revisions.n + 1";

    private const string ReadNow = "SELECT n FROM revisions WHERE kind = $1";

    /// <summary>As <see cref="ReadAsync(Session, string)"/>, without a session. It is asked before every list, so on PostgreSQL it is a bare prepared statement, which costs
    /// a third of one that goes through a session.</summary>
    /// <param name="database">Where.</param>
    /// <param name="kind">Which row of <c>revisions</c>.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="Cyborg.Model.FaultException">With <see cref="Cyborg.Model.FaultCode.Unavailable"/>: the database can not be reached.</exception>
    public static Task<long> NowAsync(CyborgDatabase database, string kind, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(database);
        return database.Backend is PostgresBackend postgres
            ? database.RetryAsync(() => ReadAsync(postgres, kind, cancellation), cancellation)
            : database.ReadAsync(session => ReadAsync(session, kind), cancellation);
    }

    /// <summary>How often the kind has changed: all changes up to this number can be seen. One statement on one row.</summary>
    public static Task<long> ReadAsync(Session session, string kind) =>
        session.Revisions.Where(row => row.Kind == kind).Select(row => row.N).FirstAsync();

    /// <summary>For use inside a query: how often that which Placement is to show of a host has changed. A sub-select of one row, which takes no lock.</summary>
    /// <exception cref="LinqToDBException">Called outside a query.</exception>
    [Sql.Expression("coalesce((SELECT provider_revisions.n FROM provider_revisions WHERE provider_revisions.hostname = {0}), 0)", ServerSideOnly = true)]
    public static long Providers(string hostname) => throw new LinqToDBException("only inside a query");

    /// <summary>Counts a change of what Placement is to show of a host.</summary>
    /// <remarks>Two hosts in one transaction are raised in the order of their names, and before the kinds, which everybody waits for.</remarks>
    internal static Task<int> RaiseProvidersAsync(Session session, string hostname, CancellationToken cancellation) =>
        session.ExecuteAsync(RaiseProviders, cancellation, new DataParameter("host", hostname));

    /// <summary>Counts a change. Transactions that change the same kind commit one after the other from here on, in the order of their numbers: a
    /// sequence would show a number before what it counts.</summary>
    internal static Task<int> RaiseAsync(Session session, string kind, CancellationToken cancellation) =>
        session.Revisions.Where(row => row.Kind == kind).Set(row => row.N, row => row.N + 1).UpdateAsync(cancellation);

    private static async Task<long> ReadAsync(PostgresBackend postgres, string kind, CancellationToken cancellation)
    {
        var command = postgres.Command(ReadNow);
        await using (command.ConfigureAwait(false))
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = kind });
            var number = await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false);
            return (long?)number ?? throw new InvalidOperationException($"the database has no revision of {kind}");
        }
    }
}
