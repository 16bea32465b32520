using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage;

/// <summary>Statements on revisions, by which a conductor knows whether what it has cached still holds.</summary>
public static class RevisionStore
{
    /// <summary>How often the kind has changed: all changes up to this number can be seen. One statement on one row.</summary>
    public static Task<long> ReadAsync(Session session, string kind) =>
        session.Revisions.Where(row => row.Kind == kind).Select(row => row.N).FirstAsync();

    /// <summary>Counts a change. Transactions that change the same kind commit one after the other from here on, in the order of their numbers: a
    /// sequence would show a number before what it counts.</summary>
    internal static Task<int> RaiseAsync(Session session, string kind, CancellationToken cancellation) =>
        session.Revisions.Where(row => row.Kind == kind).Set(row => row.N, row => row.N + 1).UpdateAsync(cancellation);
}
