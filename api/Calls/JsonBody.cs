using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Cyborg.Api.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Cyborg.Api.Calls;

/// <summary>Reads the JSON body of a request: bounded in size and depth, UTF-8, no key twice, no text that a database cannot hold.</summary>
internal static class JsonBody
{
    /// <summary>Deepest nesting that is read; the deepest body of the API has five levels.</summary>
    public const int MaxDepth = 32;

    private const string NotJson = "Request is not in valid JSON format";

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Reads the body that is a route's argument <paramref name="name"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="name">The argument's name in upstream's code, for the message when the body is empty.</param>
    /// <param name="maxBytes">Largest body.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ApiException">400: empty or no JSON; 413: too large; 415: not said to be JSON.</exception>
    public static async Task<JsonElement> ReadAsync(HttpRequest request, string name, long maxBytes, CancellationToken cancellationToken)
    {
        var bytes = await ReadBytesAsync(request, maxBytes, cancellationToken).ConfigureAwait(false);
        if (bytes.Length == 0)
            throw ApiException.Malformed($"Missing argument: \"{name}\"");
        if (!IsJsonType(request.ContentType))
            throw new ApiException(ApiError.MediaType, $"Unknown mimetype: {ApiException.Shown(MimeType(request.ContentType))}");
        return Parse(bytes);
    }

    /// <summary>Parses a body.</summary>
    /// <exception cref="ApiException">400: it is no JSON, or JSON that cannot be kept.</exception>
    public static JsonElement Parse(ReadOnlyMemory<byte> utf8)
    {
        if (!Utf8.IsValid(utf8.Span))
            throw ApiException.Malformed($"{NotJson}: it is not UTF-8");
        try
        {
            CheckTexts(utf8.Span);
            using var document = JsonDocument.Parse(utf8, Strict);
            return document.RootElement.Clone();
        }
        catch (JsonException fault)
        {
            throw ApiException.Malformed(Reason(fault));
        }
    }

    /// <summary>True if <paramref name="contentType"/> says JSON, with or without parameters.</summary>
    public static bool IsJsonType(string? contentType) =>
        MimeType(contentType) is "application/json" or "application/javascript" or "text/javascript";

    // Escapes can spell what UTF-8 cannot: half a surrogate pair, which is no text, and NUL, which PostgreSQL refuses.
    private static void CheckTexts(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName) || !reader.ValueIsEscaped)
                continue;
            if (!TryGetText(ref reader, out var text))
                throw ApiException.Malformed($"{NotJson}: a text has half a surrogate pair");
            if (text.Contains('\0', StringComparison.Ordinal))
                throw ApiException.Malformed($"{NotJson}: a text has a NUL character");
        }
    }

    private static bool TryGetText(ref Utf8JsonReader reader, out string text)
    {
        try
        {
            text = reader.GetString() ?? "";
            return true;
        }
        catch (InvalidOperationException)
        {
            text = "";
            return false;
        }
    }

    private static string Reason(JsonException fault)
    {
        if (fault.Message.Contains("maximum configured depth", StringComparison.OrdinalIgnoreCase))
            return $"{NotJson}: nested deeper than {MaxDepth} levels";
        return fault.Message.Contains("uplicate", StringComparison.Ordinal) ? $"{NotJson}: a key is given twice" : NotJson;
    }

    private static string MimeType(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var parsed) ? parsed.MediaType.ToString().ToLowerInvariant() : contentType ?? "";

    private static async Task<byte[]> ReadBytesAsync(HttpRequest request, long maxBytes, CancellationToken cancellationToken)
    {
        if (request.ContentLength > maxBytes)
            throw TooLarge(maxBytes);
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (read.Buffer.Length > maxBytes)
                throw TooLarge(maxBytes);
            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return bytes;
            }
            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static ApiException TooLarge(long maxBytes) =>
        new(ApiError.BodyTooLarge, $"The request body is larger than {maxBytes} bytes.");
}
