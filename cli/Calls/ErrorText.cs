using System.Text.Json;
using System.Text.Json.Nodes;
using Cyborg.Hosting;

namespace Cyborg.Cli;

/// <summary>What a body of an error says to a person. Pure.</summary>
internal static class ErrorText
{
    private const int MaxLength = 2000;

    /// <summary>The text, in one line; null if there is none. Cyborg's is JSON in JSON: <c>{"error_message": "{\"faultstring\": ...}"}</c>; others' are read as far
    /// as they are known.</summary>
    public static string? Of(string body) => Find(Parse(body)) is { Length: > 0 } text ? Printable.Escape(text.Trim().TrimEnd('.'), MaxLength) : null;

    private static string? Find(JsonNode? node)
    {
        if (node is JsonValue value && value.TryGetValue<string>(out var text))
            return Parse(text) is JsonObject inner ? Find(inner) : LastParagraph(text);
        if (node is not JsonObject fields)
            return null;
        foreach (var key in new[] { "error_message", "faultstring", "description", "message", "error", "title" })
        {
            if (Find(fields[key]) is { Length: > 0 } found)
                return found;
        }
        return null;
    }

    // "404 Not Found\n\nThe resource could not be found.\n\n   "
    private static string LastParagraph(string text) =>
        text.Split("\n\n", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is [.., var last] ? last : "";

    private static JsonNode? Parse(string text)
    {
        try
        {
            return text.TrimStart().StartsWith('{') ? JsonNode.Parse(text) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
