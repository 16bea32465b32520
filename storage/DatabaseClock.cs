using LinqToDB;

namespace Cyborg.Storage;

/// <summary>The database's own clock, for use inside queries: leases, claims and delays of several processes are compared in one clock, whatever
/// theirs say. On PostgreSQL it is the transaction's begin; on SQLite it has milliseconds.</summary>
public static class DatabaseClock
{
    /// <summary>Now.</summary>
    /// <exception cref="LinqToDBException">Called outside a query.</exception>
    [Sql.Expression(ProviderName.PostgreSQL, "now()", ServerSideOnly = true)]
    [Sql.Expression(ProviderName.SQLite, "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')", ServerSideOnly = true)]
    public static DateTimeOffset Now() => throw new LinqToDBException("only inside a query");

    /// <summary>So many seconds from now; negative is before.</summary>
    /// <exception cref="LinqToDBException">Called outside a query.</exception>
    [Sql.Expression(ProviderName.PostgreSQL, "(now() + make_interval(secs => {0}))", ServerSideOnly = true)]
    [Sql.Expression(ProviderName.SQLite, "(strftime('%Y-%m-%d %H:%M:%f', 'now', {0} || ' seconds') || '000')", ServerSideOnly = true)]
    public static DateTimeOffset In(double seconds) => throw new LinqToDBException("only inside a query");

    /// <summary>The later of two moments; the second if the first is unknown.</summary>
    /// <exception cref="LinqToDBException">Called outside a query.</exception>
    [Sql.Expression(ProviderName.PostgreSQL, "GREATEST({0}, {1})", ServerSideOnly = true)]
    [Sql.Expression(ProviderName.SQLite, "max(coalesce({0}, {1}), {1})", ServerSideOnly = true)]
    public static DateTimeOffset Later(DateTimeOffset? one, DateTimeOffset other) => throw new LinqToDBException("only inside a query");
}
