using System.Security.Cryptography;
using System.Text;

namespace Cyborg.Agent.Journal;

/// <summary>Content under a first line that says what it must be: <c>cyborg-agent-file sha256=HEX</c>. A file cut short, overwritten in part or
/// edited by hand does not match its line.</summary>
internal static class SealedText
{
    private const string Word = "cyborg-agent-file sha256=";

    /// <summary>Line and content.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> content) => [.. Line(content), .. content];

    /// <summary>The content, or null if the line does not match it in every byte.</summary>
    public static byte[]? Open(ReadOnlySpan<byte> file)
    {
        var length = file.IndexOf((byte)'\n') + 1;
        if (length == 0)
            return null;
        var content = file[length..];
        return file[..length].SequenceEqual(Line(content)) ? content.ToArray() : null;
    }

    private static byte[] Line(ReadOnlySpan<byte> content) =>
        Encoding.ASCII.GetBytes($"{Word}{Convert.ToHexStringLower(SHA256.HashData(content))}\n");
}
