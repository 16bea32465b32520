using System.Buffers;
using System.Text;
using System.Text.Json;
using Cyborg.Api.Calls;
using Microsoft.AspNetCore.WebUtilities;

namespace Cyborg.Api.Errors;

/// <summary>Error bodies: a text inside <c>{"error_message": "..."}</c>. The text is itself JSON most of the time, so that clients decode
/// twice; openstacksdk and tempest count on it (upstream: cyborg/api/middleware/parsable_error.py).</summary>
internal static class ErrorBody
{
    /// <summary>The body of an error that a handler found.</summary>
    public static byte[] Fault(int status, string text) => Wrap(Inner(writer =>
    {
        writer.WriteString("faultcode", status is >= 400 and < 500 ? "Client" : "Server");
        writer.WriteString("faultstring", text);
        writer.WriteNull("debuginfo");
    }));

    /// <summary>The body of an error found before a handler ran: JSON if the client takes it, else plain text.</summary>
    public static byte[] Abort(int status, string description, bool json)
    {
        var title = ReasonPhrases.GetReasonPhrase(status);
        if (!json)
            return Wrap($"{status} {title}\n\n{(description.Length > 0 ? description : PlainText(status))}\n\n   ");
        return Wrap(Inner(writer =>
        {
            writer.WriteNumber("code", status);
            writer.WriteString("title", title);
            writer.WriteString("description", description);
        }));
    }

    /// <summary>The body of 423: the inner text is the JSON null.</summary>
    public static byte[] Null { get; } = Wrap("null");

    private static string PlainText(int status) => status switch
    {
        404 => "The resource could not be found.",
        405 => "The method is not allowed for this resource.",
        _ => "The server could not comply with the request.",
    };

    private static byte[] Wrap(string text)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Reply.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("error_message", text);
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static string Inner(Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Reply.WriterOptions))
        {
            writer.WriteStartObject();
            fields(writer);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
