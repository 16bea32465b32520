using System.Diagnostics.CodeAnalysis;

namespace Cyborg.Identity.Session;

/// <summary>What may be a token at all.</summary>
internal static class TokenText
{
    /// <summary>Longest token, in characters (and bytes: they are ASCII).</summary>
    public const int MaxLength = 16 * 1024;

    /// <summary>True for 1 to 16384 printable ASCII characters without blanks: nothing else can be a token, nor go into a header.</summary>
    public static bool IsAcceptable([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 and <= MaxLength } && !text.AsSpan().ContainsAnyExceptInRange('!', '~');
}
