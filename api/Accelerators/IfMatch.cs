using System.Globalization;
using Cyborg.Api.Errors;

namespace Cyborg.Api.Accelerators;

/// <summary>Generations as entity tags: <c>ETag: "5"</c>, and <c>If-Match: "5"</c> (RFC 9110, section 13.1.1).</summary>
internal static class IfMatch
{
    /// <summary>The tag of a generation.</summary>
    public static string Tag(long generation) => string.Create(CultureInfo.InvariantCulture, $"\"{generation}\"");

    /// <summary>The generations that a header names; null for none, and for <c>*</c>, which is any.</summary>
    /// <param name="header">The header, several lines joined with commas; null if there is none.</param>
    /// <exception cref="ApiException">400: it is no list of generations.</exception>
    public static IReadOnlyList<long>? Parse(string? header)
    {
        if (header is null || header.Trim() == "*")
            return null;
        var generations = new List<long>();
        foreach (var tag in header.Split(',', StringSplitOptions.TrimEntries))
        {
            if (tag.Length < 3 || tag[0] != '"' || tag[^1] != '"'
                || !long.TryParse(tag.AsSpan(1, tag.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var generation))
                throw ApiException.Malformed($"If-Match takes the ETag of an accelerator, such as \"0\", or *; got {ApiException.Shown(header)}");
            generations.Add(generation);
        }
        return generations;
    }
}
