using System.Text.Json;
using Cyborg.Api.Errors;

namespace Cyborg.Api.Calls;

/// <summary>Fields of a JSON object, read strictly: a field of another kind is the client's mistake and said so.</summary>
internal static class JsonFields
{
    /// <summary>Most characters of a free text, such as a description; what MySQL's TEXT holds, where upstream keeps it.</summary>
    public const int MaxText = 65535;

    /// <summary>The field; null if it is absent or null (openstacksdk sends nulls for what it was not given).</summary>
    public static JsonElement? Field(this JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>The field as text; null if it is absent or null.</summary>
    /// <exception cref="ApiException">400: it is no string, or too long.</exception>
    public static string? Text(this JsonElement item, string name, int maxLength = MaxText)
    {
        if (item.Field(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.String)
            throw ApiException.Malformed($"Invalid input for field/attribute {name}. It takes a string, got {Kind(value)}.");
        var text = value.GetString()!;
        return text.Length <= maxLength
            ? text
            : throw ApiException.Malformed($"Invalid input for field/attribute {name}. It takes {maxLength} characters at most, got {text.Length}.");
    }

    /// <summary>What kind of value it is, for messages.</summary>
    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };
}
