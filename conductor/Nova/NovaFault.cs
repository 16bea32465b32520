using System.Text.Json;

namespace Cyborg.Conductor.Nova;

/// <summary>Nova's error bodies: <c>{"badRequest": {"code": 400, "message": "..."}}</c>, whatever the outer name.</summary>
internal static class NovaFault
{
    /// <summary>The message; null if the text is no such body.</summary>
    public static string? Message(byte[] text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.EnumerateObject().FirstOrDefault().Value is { ValueKind: JsonValueKind.Object } fault
                && fault.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String
                    ? message.GetString()
                    : null;
        }
        catch (JsonException)
        {
            // A page of a web server between.
            return null;
        }
    }
}
