using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Cyborg.Hosting;

/// <summary>Ids of requests, <c>req-</c> and a random UUID, as oslo.context makes them; they tie log lines of several services
/// together.</summary>
public static class RequestId
{
    private const string Prefix = "req-";
    private const int UuidLength = 36;

    /// <summary>UUIDs whose random bits are fetched together: each fetch is a call of the kernel.</summary>
    private const int Ahead = 64;

    [ThreadStatic]
    private static Guid[]? _random;

    [ThreadStatic]
    private static int _left;

    /// <summary>A new id.</summary>
    public static string New() => string.Create(Prefix.Length + UuidLength, NewUuid(), static (text, uuid) =>
    {
        Prefix.CopyTo(text);
        uuid.TryFormat(text[Prefix.Length..], out _, "D");
    });

    /// <summary>True for <c>req-</c> and a UUID with hyphens, in any case; nothing else may enter a log as an id.</summary>
    /// <param name="text">A header's value, or null.</param>
    public static bool IsValid([NotNullWhen(true)] string? text) =>
        text is { Length: 4 + UuidLength } && text.StartsWith(Prefix, StringComparison.Ordinal)
        && Guid.TryParseExact(text.AsSpan(4), "D", out _);

    private static Guid NewUuid()
    {
        _random ??= new Guid[Ahead];
        if (_left == 0)
        {
            RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(_random.AsSpan()));
            _left = Ahead;
        }
        Span<byte> bytes = stackalloc byte[16];
        _random[--_left].TryWriteBytes(bytes, bigEndian: true, out _);
        // Version 4 (random), variant of RFC 9562.
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
