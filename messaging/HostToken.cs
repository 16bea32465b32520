using System.Globalization;
using System.Text;

namespace Cyborg.Messaging;

/// <summary>A host name as one token of a subject: a dot, a wildcard or a blank in it can't widen or split the subject.</summary>
public static class HostToken
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Letters, digits, <c>-</c> and <c>_</c> stand for themselves, any other byte of the UTF-8 text becomes <c>=XX</c>.</summary>
    /// <exception cref="ArgumentException">The name is empty or has half of a surrogate pair.</exception>
    public static string Encode(string? host)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        var token = new StringBuilder(host.Length);
        foreach (var octet in Strict.GetBytes(host))
        {
            if (StandsForItself(octet))
                token.Append((char)octet);
            else
                token.Append(CultureInfo.InvariantCulture, $"={octet:X2}");
        }
        return token.ToString();
    }

    /// <summary>The host name of a token made by <see cref="Encode"/>. Each name has exactly one token: any other spelling is refused, so that
    /// a right to publish on one token is a right to speak for one host.</summary>
    /// <exception cref="FormatException">The token was not made by <see cref="Encode"/>.</exception>
    public static string Decode(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return TryDecode(token) ?? throw new FormatException("The subject has no encoded host name.");
    }

    /// <summary>As <see cref="Decode"/>, but null for a token that <see cref="Encode"/> does not make.</summary>
    internal static string? TryDecode(ReadOnlySpan<char> token)
    {
        var bytes = new List<byte>(token.Length);
        for (var i = 0; i < token.Length; i++)
        {
            if (token[i] < 0x80 && StandsForItself((byte)token[i]))
            {
                bytes.Add((byte)token[i]);
            }
            else if (token[i] == '=' && i + 2 < token.Length && ReadHex(token[i + 1], token[i + 2]) is { } octet && !StandsForItself(octet))
            {
                bytes.Add(octet);
                i += 2;
            }
            else
            {
                return null;
            }
        }
        try
        {
            return bytes.Count == 0 ? null : Strict.GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static bool StandsForItself(byte octet) => char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'-' or (byte)'_';

    private static byte? ReadHex(char high, char low) =>
        char.IsAsciiHexDigitUpper(high) && char.IsAsciiHexDigitUpper(low)
            ? byte.Parse([high, low], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            : null;
}
