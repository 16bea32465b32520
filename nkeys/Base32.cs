namespace NATS.NKeys;

/// <summary>Base 32 of RFC 4648 with its upper-case alphabet and without padding.</summary>
public static class Base32
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>Number of bytes that <paramref name="encoded"/> stands for.</summary>
    public static int GetDataLength(ReadOnlySpan<char> encoded) => (int)((long)encoded.Length * 5 / 8);

    /// <summary>Number of characters that stand for <paramref name="data"/>.</summary>
    public static int GetEncodedLength(ReadOnlySpan<byte> data) => checked((int)((((long)data.Length * 8) + 4) / 5));

    /// <summary>Writes <paramref name="data"/> as text.</summary>
    /// <returns>Number of characters written.</returns>
    /// <exception cref="ArgumentException"><paramref name="output"/> is too short.</exception>
    public static int ToBase32(ReadOnlySpan<byte> data, Span<char> output)
    {
        var length = GetEncodedLength(data);
        if (output.Length < length)
            throw new ArgumentException($"{length} characters are needed, {output.Length} are there.", nameof(output));
        var (bits, count, written) = (0u, 0, 0);
        foreach (var octet in data)
        {
            bits = (bits << 8) | octet;
            for (count += 8; count >= 5; count -= 5)
                output[written++] = Alphabet[(int)(bits >> (count - 5)) & 31];
        }
        if (count > 0)
            output[written++] = Alphabet[(int)(bits << (5 - count)) & 31];
        return written;
    }

    /// <summary>Reads text that <see cref="ToBase32"/> wrote. Each sequence of bytes has one text: left-over bits must be zero.</summary>
    /// <returns>Number of bytes written.</returns>
    /// <exception cref="ArgumentException"><paramref name="result"/> is too short.</exception>
    /// <exception cref="NKeysException">The text is no base 32. The text is not shown: it may be a secret.</exception>
    public static int FromBase32(ReadOnlySpan<char> encoded, Span<byte> result)
    {
        var length = GetDataLength(encoded);
        if (result.Length < length)
            throw new ArgumentException($"{length} bytes are needed, {result.Length} are there.", nameof(result));
        var (bits, count, written) = (0u, 0, 0);
        foreach (var character in encoded)
        {
            bits = (bits << 5) | ValueOf(character);
            count += 5;
            if (count < 8)
                continue;
            count -= 8;
            result[written++] = (byte)(bits >> count);
            bits &= (1u << count) - 1;
        }
        return count < 5 && bits == 0 ? written : throw new NKeysException("The text is no base 32: its end is cut off.");
    }

    private static uint ValueOf(char character) => character switch
    {
        >= 'A' and <= 'Z' => (uint)(character - 'A'),
        >= '2' and <= '7' => (uint)(character - '2' + 26),
        _ => throw new NKeysException("The text is no base 32: it has a character other than A to Z and 2 to 7."),
    };
}
