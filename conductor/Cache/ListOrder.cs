using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Conductor.Cache;

/// <summary>Sorts and cuts a cached list as PostgreSQL would.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Columns">What it can be sorted by, by the clients' names.</param>
/// <param name="CreatedAt">When it was made.</param>
internal sealed record ListOrder<T>(IReadOnlyDictionary<string, Func<T, object?>> Columns, Func<T, DateTimeOffset> CreatedAt)
{
    /// <summary>Sorts and cuts.</summary>
    /// <param name="oldestFirst">What was found, in the order of its keys: ties stay in it.</param>
    /// <param name="options">What the client wants; null for nothing.</param>
    /// <param name="filtered">True if any filter was given. Upstream sorts a list with any filter or option newest first, one without oldest first.</param>
    /// <exception cref="FaultException"><see cref="FaultCode.InvalidInput"/>: no such sort key.</exception>
    public IReadOnlyList<T> Apply(IEnumerable<T> oldestFirst, ListOptions? options, bool filtered)
    {
        if (options?.SortKey is { } wanted && !Columns.ContainsKey(wanted))
            throw new FaultException(FaultCode.InvalidInput, $"Cannot sort by '{wanted}': use one of {string.Join(", ", Columns.Keys.Order())}.");
        var sorted = options?.SortKey is { } key
            ? options.Descending ? oldestFirst.OrderByDescending(Columns[key], ColumnOrder.Instance) : oldestFirst.OrderBy(Columns[key], ColumnOrder.Instance)
            : filtered || options is not null ? oldestFirst.Reverse().OrderByDescending(CreatedAt) : oldestFirst;
        return [.. options?.Limit is { } limit ? sorted.Take(limit) : sorted];
    }
}

/// <summary>Order of values in a column, as PostgreSQL has it: nothing comes last, text by its code points, the rest by its nature.</summary>
internal sealed class ColumnOrder : IComparer<object?>
{
    public static ColumnOrder Instance { get; } = new();

    public int Compare(object? x, object? y) => (x, y) switch
    {
        (null, null) => 0,
        (null, _) => 1,
        (_, null) => -1,
        (string one, string other) => CompareText(one, other),
        _ => Comparer<object>.Default.Compare(x, y),
    };

    private static int CompareText(string one, string other)
    {
        var at = one.AsSpan().CommonPrefixLength(other);
        if (at == one.Length || at == other.Length)
            return one.Length - other.Length;
        // Half a pair stands for a code point above all that one unit can say.
        var (mine, others) = (char.IsSurrogate(one[at]), char.IsSurrogate(other[at]));
        return mine == others ? one[at] - other[at] : mine ? 1 : -1;
    }
}
