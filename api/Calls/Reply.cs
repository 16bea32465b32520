using System.Buffers;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Cyborg.Api.Calls;

/// <summary>What a handler answers: a status, and a JSON body or none.</summary>
/// <param name="Status">Status code.</param>
/// <param name="Body">Writes the body; null for none.</param>
internal readonly record struct Reply(int Status, Action<Utf8JsonWriter>? Body)
{
    /// <summary>Tag of the version of the object that is shown, in its quotes; null for none.</summary>
    public string? ETag { get; init; }

    /// <summary>Address of what was made; null for none.</summary>
    public string? Location { get; init; }

    /// <summary>The body as it was written before; null to have it written now.</summary>
    public ReadOnlyMemory<byte>? Written { get; init; }

    /// <summary>Media type of every body.</summary>
    public const string ContentType = "application/json";

    /// <summary>Relaxed, because the strict default would write the plus sign of each date as an escape; no body of ours is ever inside HTML.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>200 with a body.</summary>
    public static Reply Ok(Action<Utf8JsonWriter> body) => new(StatusCodes.Status200OK, body);

    /// <summary>201 with a body.</summary>
    public static Reply Created(Action<Utf8JsonWriter> body) => new(StatusCodes.Status201Created, body);

    /// <summary>201 without a body, with the address of what was made.</summary>
    public static Reply CreatedAt(string location) => new(StatusCodes.Status201Created, null) { Location = location };

    /// <summary>202 without a body.</summary>
    public static Reply Accepted { get; } = new(StatusCodes.Status202Accepted, null);

    /// <summary>204.</summary>
    public static Reply NoContent { get; } = new(StatusCodes.Status204NoContent, null);

    /// <summary>200 with <c>{"name": [...]}</c>.</summary>
    public static Reply List<T>(string name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write, int status = StatusCodes.Status200OK) =>
        new(status, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray(name);
            foreach (var item in items)
                write(writer, item);
            writer.WriteEndArray();
            writer.WriteEndObject();
        });

    /// <summary>Bytes from which on a body that is kept is written by a thread of its own: those who wait for one check go on one after the other.</summary>
    private const int Long = 64 * 1024;

    /// <summary>Sends the answer, with its length: some WSGI servers and old clients do not take chunks.</summary>
    public Task SendAsync(HttpContext http)
    {
        http.Response.StatusCode = Status;
        if (ETag is not null)
            http.Response.Headers.ETag = ETag;
        if (Location is not null)
            http.Response.Headers.Location = Location;
        if (Written is { } written)
            return SendWrittenAsync(http, written);
        if (Body is not null)
            return WriteAsync(http, Write(Body));
        if (Status != StatusCodes.Status204NoContent)
            http.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    /// <summary>Writes the body once, to be sent many times with its tag.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public Reply Keep()
    {
        var written = Write(Body ?? throw new InvalidOperationException("a reply without a body is not kept"));
        return this with { Body = null, Written = written, ETag = $"\"{Convert.ToHexStringLower(SHA256.HashData(written.Span).AsSpan(0, 12))}\"" };
    }

    // RFC 9110, section 13.1.2: who has these very bytes is not sent them again.
    private Task SendWrittenAsync(HttpContext http, ReadOnlyMemory<byte> written)
    {
        var known = http.Request.Headers.IfNoneMatch;
        if (known.Count == 0 || !Names(known, ETag))
            return written.Length < Long ? WriteAsync(http, written) : Task.Run(() => WriteAsync(http, written));
        http.Response.StatusCode = StatusCodes.Status304NotModified;
        return Task.CompletedTask;
    }

    private static bool Names(IEnumerable<string?> lines, string? tag) =>
        lines.SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries)).Any(word => word == "*" || word == tag || word == $"W/{tag}");

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> body)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
            body(writer);
        return buffer.WrittenMemory;
    }

    private static Task WriteAsync(HttpContext http, ReadOnlyMemory<byte> body)
    {
        http.Response.ContentType = ContentType;
        http.Response.ContentLength = body.Length;
        // A client that goes away ends the write by itself.
        return http.Response.Body.WriteAsync(body).AsTask();
    }
}
