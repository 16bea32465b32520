using System.Globalization;
using System.Text;

namespace Cyborg.Messaging;

/// <summary>A host name as one token of a subject: a dot, a wildcard or a blank in it can't widen or split the subject.</summary>
public static class HostToken
{
    /// <summary>Letters, digits, <c>-</c> and <c>_</c> stand for themselves, any other byte of the UTF-8 text becomes <c>=XX</c>.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static string Encode(string? host)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        var token = new StringBuilder(host.Length);
        foreach (var octet in Encoding.UTF8.GetBytes(host))
        {
            if (char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'-' or (byte)'_')
                token.Append((char)octet);
            else
                token.Append(CultureInfo.InvariantCulture, $"={octet:X2}");
        }
        return token.ToString();
    }

    /// <summary>The host name of a token made by <see cref="Encode"/>.</summary>
    /// <exception cref="FormatException">The token was not made by <see cref="Encode"/>.</exception>
    public static string Decode(string token)
    {
        var bytes = new List<byte>(token.Length);
        for (var i = 0; i < token.Length; i++)
        {
            if (token[i] != '=')
                bytes.Add((byte)token[i]);
            else if (i + 2 < token.Length && byte.TryParse(token.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var octet))
            {
                bytes.Add(octet);
                i += 2;
            }
            else
                throw new FormatException($"'{token}' is no encoded host name.");
        }
        return Encoding.UTF8.GetString([.. bytes]);
    }
}
