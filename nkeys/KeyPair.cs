using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace NATS.NKeys;

/// <summary>An Ed25519 key as NATS writes it: a login is a signature of the server's nonce. Made from a seed it signs, made from a public
/// key it only verifies. Encryption between curve keys, which the package of this name has as well, is not offered.</summary>
public sealed class KeyPair : IDisposable
{
    private readonly byte[] _publicKey;
    private readonly byte[]? _seed;
    private bool _disposed;

    private KeyPair(PrefixByte prefix, byte[] publicKey, byte[]? seed) => (Prefix, _publicKey, _seed) = (prefix, publicKey, seed);

    /// <summary>Whose key it is.</summary>
    public PrefixByte Prefix { get; }

    /// <summary>A new random key.</summary>
    public static KeyPair CreatePair(PrefixByte prefix) => OfSeed(prefix, RandomNumberGenerator.GetBytes(KeyText.KeyLength));

    /// <summary>A new key from the given source of random bytes.</summary>
    public static KeyPair CreatePair(PrefixByte prefix, RandomNumberGenerator rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        var seed = new byte[KeyText.KeyLength];
        rng.GetBytes(seed);
        return OfSeed(prefix, seed);
    }

    /// <summary>The key of a seed, e.g. <c>SUA...</c>.</summary>
    /// <exception cref="NKeysException">It is no seed.</exception>
    public static KeyPair FromSeed(ReadOnlySpan<char> encodedSeed)
    {
        var (prefix, seed) = KeyText.ReadSeed(encodedSeed);
        return OfSeed(prefix, seed);
    }

    /// <summary>The key of a public key, e.g. <c>UDX...</c>; it can't sign.</summary>
    /// <exception cref="NKeysException">It is no public key.</exception>
    public static KeyPair FromPublicKey(ReadOnlySpan<char> publicKey)
    {
        var (prefix, key) = KeyText.ReadPublicKey(publicKey);
        return new KeyPair(prefix, key, null);
    }

    /// <summary>True if the text is a public key of the given kind.</summary>
    public static bool IsValidPublicKey(PrefixByte prefix, ReadOnlySpan<char> publicKey)
    {
        try
        {
            return KeyText.ReadPublicKey(publicKey).Prefix == prefix;
        }
        catch (NKeysException)
        {
            return false;
        }
    }

    /// <summary>The public key as text.</summary>
    public string GetPublicKey() => KeyText.OfPublicKey(Prefix, _publicKey);

    /// <summary>The seed as text: a secret.</summary>
    /// <exception cref="NKeysException">The key was made from a public key.</exception>
    public string GetSeed() => KeyText.OfSeed(Prefix, Secret());

    /// <summary>Signs.</summary>
    /// <param name="message">What.</param>
    /// <param name="signature">Gets the signature: 64 bytes or more.</param>
    /// <exception cref="NKeysException">The key was made from a public key, or there is too little room.</exception>
    public void Sign(ReadOnlyMemory<byte> message, Memory<byte> signature)
    {
        if (signature.Length < Ed25519.SignatureSize)
            throw new NKeysException($"A signature has {Ed25519.SignatureSize} bytes; there is room for {signature.Length}.");
        var bytes = message.ToArray();
        var result = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(Secret(), 0, _publicKey, 0, bytes, 0, bytes.Length, result, 0);
        result.CopyTo(signature);
    }

    /// <summary>True if <paramref name="signature"/> is this key's signature of <paramref name="message"/>.</summary>
    public bool Verify(ReadOnlyMemory<byte> message, ReadOnlyMemory<byte> signature)
    {
        var bytes = message.ToArray();
        return signature.Length == Ed25519.SignatureSize
            && Ed25519.Verify(signature.ToArray(), 0, _publicKey, 0, bytes, 0, bytes.Length);
    }

    /// <summary>Forgets the seed.</summary>
    public void Dispose()
    {
        _disposed = true;
        if (_seed is not null)
            CryptographicOperations.ZeroMemory(_seed);
    }

    private static KeyPair OfSeed(PrefixByte prefix, byte[] seed)
    {
        var publicKey = new byte[Ed25519.PublicKeySize];
        Ed25519.GeneratePublicKey(seed, 0, publicKey, 0);
        return new KeyPair(prefix, publicKey, seed);
    }

    private byte[] Secret()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _seed ?? throw new NKeysException("A public key has no seed and can't sign.");
    }
}
