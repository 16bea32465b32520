using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Cyborg.Identity.Keystone;

/// <summary>A token's SHA-256: what the cache knows it by. Answers that allow expired tokens are kept apart.</summary>
internal readonly record struct TokenKey(UInt128 High, UInt128 Low, bool AllowExpired)
{
    public static TokenKey Of(string token, bool allowExpired)
    {
        // Fernet tokens have some 200 characters; only a JWS is longer.
        Span<byte> text = token.Length <= 512 ? stackalloc byte[512] : new byte[token.Length];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..Encoding.ASCII.GetBytes(token, text)], hash);
        return new TokenKey(BinaryPrimitives.ReadUInt128BigEndian(hash), BinaryPrimitives.ReadUInt128BigEndian(hash[16..]), allowExpired);
    }
}
