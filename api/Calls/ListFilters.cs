using System.Collections.Frozen;
using System.Globalization;
using Cyborg.Api.Errors;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.Calls;

/// <summary>The query form <c>filters.field=F&amp;filters.value=V</c>, repeatable, of the lists of devices and deployables. Fields that upstream
/// names but never acts on are accepted and do nothing here, too.</summary>
/// <param name="Name">Exact name; null for any.</param>
/// <param name="Options">Limit and order; null if no such filter was given.</param>
internal sealed record ListFilters(string? Name, ListOptions? Options)
{
    /// <summary>Argument with the field's name.</summary>
    public const string FieldArgument = "filters.field";

    /// <summary>Argument with the field's value.</summary>
    public const string ValueArgument = "filters.value";

    /// <summary>Both arguments.</summary>
    public static IReadOnlyList<string> Arguments { get; } = [FieldArgument, ValueArgument];

    private static readonly ListFilters None = new(null, null);

    private static readonly FrozenSet<string> Fields = new[]
    {
        "parent_uuid", "root_uuid", "board", "availability", "interface_type", "instance_uuid", "limit", "marker", "sort_key", "sort_dir", "name",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Reads the filters. With any filter, a list is newest first; without, oldest first.</summary>
    /// <param name="query">The query.</param>
    /// <param name="sortKeys">What the noun can be sorted by.</param>
    /// <param name="otherFilter">True if another argument filters the list: the order then is as with a filter.</param>
    /// <exception cref="ApiException">400: an unknown field, or a bad limit, sort key or direction.</exception>
    public static ListFilters Parse(QueryArguments query, FrozenSet<string> sortKeys, bool otherFilter)
    {
        if (query.IsEmpty && !otherFilter)
            return None;
        var given = Pairs(query);
        if (given.Count == 0 && !otherFilter)
            return None;
        var sortKey = given.GetValueOrDefault("sort_key");
        if (sortKey is not null && !sortKeys.Contains(sortKey))
            throw ApiException.Malformed($"The sort_key value \"{ApiException.Shown(sortKey)}\" is an invalid field for sorting");
        var descending = given.GetValueOrDefault("sort_dir") switch
        {
            null or "desc" => true,
            "asc" => false,
            var other => throw ApiException.Malformed($"The sort_dir value \"{ApiException.Shown(other)}\" is neither asc nor desc"),
        };
        // No key and no direction: the conductor's own order of filtered lists, newest first.
        var effectiveKey = sortKey ?? (descending ? null : "created_at");
        var options = new ListOptions(ParseLimit(given.GetValueOrDefault("limit")), effectiveKey, descending);
        return new ListFilters(given.GetValueOrDefault("name"), options);
    }

    private static Dictionary<string, string> Pairs(QueryArguments query)
    {
        var fields = query.All(FieldArgument);
        var values = query.All(ValueArgument);
        if (fields.Count != values.Count)
            throw ApiException.Malformed($"Each {FieldArgument} needs one {ValueArgument}.");
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < fields.Count; i++)
        {
            if (!Fields.Contains(fields[i]))
                throw ApiException.Malformed($"'{ApiException.Shown(fields[i])}' is an unsupported field for querying.");
            given[fields[i]] = values[i];
        }
        return given;
    }

    private static int? ParseLimit(string? text)
    {
        if (text is null)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            ? limit
            : throw ApiException.Malformed($"The limit value \"{ApiException.Shown(text)}\" is no whole number from 0 on");
    }
}
