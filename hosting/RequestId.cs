using System.Diagnostics.CodeAnalysis;

namespace Cyborg.Hosting;

/// <summary>Ids of requests, <c>req-</c> and a random UUID, as oslo.context makes them; they tie log lines of several services
/// together.</summary>
public static class RequestId
{
    private const string Prefix = "req-";
    private const int UuidLength = 36;

    /// <summary>A new id.</summary>
    public static string New() => Prefix + Guid.NewGuid().ToString("D");

    /// <summary>True for <c>req-</c> and a UUID with hyphens, in any case; nothing else may enter a log as an id.</summary>
    /// <param name="text">A header's value, or null.</param>
    public static bool IsValid([NotNullWhen(true)] string? text) =>
        text is { Length: 4 + UuidLength } && text.StartsWith(Prefix, StringComparison.Ordinal)
        && Guid.TryParseExact(text.AsSpan(4), "D", out _);
}
