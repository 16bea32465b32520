using System.Globalization;
using Cyborg.Api.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Cyborg.Api.Calls;

/// <summary>The query of a request, checked against the arguments that its route knows.</summary>
internal sealed class QueryArguments
{
    private readonly Dictionary<string, StringValues> _values;

    /// <summary>No query.</summary>
    public static QueryArguments None { get; } = new([]);

    private QueryArguments(Dictionary<string, StringValues> values) => _values = values;

    /// <summary>Takes the query apart.</summary>
    /// <param name="query">The query.</param>
    /// <param name="known">Names of the route's arguments; each at most once.</param>
    /// <param name="repeatable">Names that may be given more than once.</param>
    /// <exception cref="ApiException">400: an argument is unknown, given twice, or not text.</exception>
    public static QueryArguments Parse(IQueryCollection query, IReadOnlyList<string> known, IReadOnlyList<string>? repeatable = null)
    {
        var values = new Dictionary<string, StringValues>(StringComparer.Ordinal);
        foreach (var (name, value) in query)
        {
            var manyAllowed = repeatable?.Contains(name, StringComparer.Ordinal) == true;
            if (!manyAllowed && !known.Contains(name, StringComparer.Ordinal))
                throw ApiException.Malformed($"Unknown argument: \"{ApiException.Shown(name)}\"");
            if (!manyAllowed && value.Count > 1)
                throw ApiException.Malformed($"The argument \"{name}\" is given more than once.");
            if (value.Any(text => text is not null && text.Contains('\0', StringComparison.Ordinal)))
                throw ApiException.Malformed($"The argument \"{name}\" has a NUL character.");
            values.Add(name, value);
        }
        return new QueryArguments(values);
    }

    /// <summary>True if there is none.</summary>
    public bool IsEmpty => _values.Count == 0;

    /// <summary>The argument as given; null if it is absent.</summary>
    public string? Text(string name) => _values.TryGetValue(name, out var value) ? value.ToString() : null;

    /// <summary>The argument; null if it is absent or empty.</summary>
    public string? NonEmpty(string name) => Text(name) is { Length: > 0 } text ? text : null;

    /// <summary>Every value of an argument that may be given more than once.</summary>
    public IReadOnlyList<string> All(string name) =>
        _values.TryGetValue(name, out var value) ? [.. value.Select(text => text ?? "")] : [];

    /// <summary>The argument as a uuid; null if it is absent.</summary>
    /// <exception cref="ApiException">400: it is none.</exception>
    public Guid? Uuid(string name) => Text(name) is { } text ? UuidText.Parse(name, text) : null;

    /// <summary>The argument as a whole number; null if it is absent.</summary>
    /// <exception cref="ApiException">400: it is none, or beyond 32 bits.</exception>
    public int? Integer(string name)
    {
        if (Text(name) is not { } text)
            return null;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw ApiException.Malformed($"Invalid input for field/attribute {name}. Value: '{ApiException.Shown(text)}'. unable to convert to int.");
    }
}
