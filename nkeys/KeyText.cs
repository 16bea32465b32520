using System.Buffers.Binary;
using System.Security.Cryptography;

namespace NATS.NKeys;

/// <summary>Keys as text: prefix, 32 bytes, checksum (little-endian), in base 32. A seed has two bytes of prefix: five bits S and the prefix
/// of its public key.</summary>
internal static class KeyText
{
    /// <summary>Bytes of a public key, and of a seed.</summary>
    public const int KeyLength = 32;

    private const int ChecksumLength = 2;
    private const int SeedPrefix = 18 << 3;
    private const int LetterBits = 0xF8;

    /// <summary>Writes a public key.</summary>
    public static string OfPublicKey(PrefixByte prefix, ReadOnlySpan<byte> key) => Write([(byte)prefix], key);

    /// <summary>Writes a seed.</summary>
    public static string OfSeed(PrefixByte prefix, ReadOnlySpan<byte> seed) =>
        Write([(byte)(SeedPrefix | ((byte)prefix >> 5)), (byte)((byte)prefix << 3)], seed);

    /// <summary>Reads a public key.</summary>
    /// <exception cref="NKeysException">It is none.</exception>
    public static (PrefixByte Prefix, byte[] Key) ReadPublicKey(ReadOnlySpan<char> text)
    {
        var bytes = Read(text, 1 + KeyLength, "public key");
        var prefix = (PrefixByte)bytes[0];
        return Enum.IsDefined(prefix) ? (prefix, bytes[1..]) : throw new NKeysException("The public key has an unknown prefix.");
    }

    /// <summary>Reads a seed.</summary>
    /// <exception cref="NKeysException">It is none.</exception>
    public static (PrefixByte Prefix, byte[] Seed) ReadSeed(ReadOnlySpan<char> text)
    {
        var bytes = Read(text, 2 + KeyLength, "seed");
        try
        {
            var prefix = (PrefixByte)(((bytes[0] & ~LetterBits) << 5) | (bytes[1] >> 3));
            if ((bytes[0] & LetterBits) != SeedPrefix || (bytes[1] & ~LetterBits) != 0 || !Enum.IsDefined(prefix))
                throw new NKeysException("The seed has an unknown prefix.");
            return (prefix, bytes[2..]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static string Write(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> key)
    {
        Span<byte> bytes = stackalloc byte[prefix.Length + key.Length + ChecksumLength];
        prefix.CopyTo(bytes);
        key.CopyTo(bytes[prefix.Length..]);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[^ChecksumLength..], Crc16.Of(bytes[..^ChecksumLength]));
        Span<char> text = stackalloc char[Base32.GetEncodedLength(bytes)];
        Base32.ToBase32(bytes, text);
        CryptographicOperations.ZeroMemory(bytes);
        return new string(text);
    }

    private static byte[] Read(ReadOnlySpan<char> text, int length, string what)
    {
        if (Base32.GetDataLength(text) != length + ChecksumLength)
            throw new NKeysException($"The {what} has the wrong length.");
        Span<byte> bytes = stackalloc byte[length + ChecksumLength];
        Base32.FromBase32(text, bytes);
        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes[length..]) != Crc16.Of(bytes[..length]))
            throw new NKeysException($"The {what} has a wrong checksum.");
        var result = bytes[..length].ToArray();
        CryptographicOperations.ZeroMemory(bytes);
        return result;
    }
}
