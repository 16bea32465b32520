using System.Security.Cryptography;
using System.Text;

namespace NATS.NKeys.Tests;

public sealed class KeyPairTests
{
    // The pair of the NATS documentation's page on NKeys.
    private const string DocumentedSeed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
    private const string DocumentedPublicKey = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";

    [Fact]
    public void A_seed_gives_its_public_key_and_itself_back()
    {
        using var pair = KeyPair.FromSeed(DocumentedSeed);
        Assert.Equal((PrefixByte.User, DocumentedPublicKey, DocumentedSeed), (pair.Prefix, pair.GetPublicKey(), pair.GetSeed()));
    }

    // RFC 8032, section 7.1, tests 1 to 3.
    [Theory]
    [InlineData(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    public void Signatures_are_those_of_RFC_8032(string seed, string publicKey, string message, string signature)
    {
        using var pair = KeyPair.FromSeed(KeyText.OfSeed(PrefixByte.User, Convert.FromHexString(seed)));
        Assert.Equal(KeyText.OfPublicKey(PrefixByte.User, Convert.FromHexString(publicKey)), pair.GetPublicKey());
        var signed = new byte[64];
        pair.Sign(Convert.FromHexString(message), signed);
        Assert.Equal(signature, Convert.ToHexStringLower(signed));
        using var reader = KeyPair.FromPublicKey(pair.GetPublicKey());
        Assert.True(reader.Verify(Convert.FromHexString(message), signed));
        signed[5] ^= 1;
        Assert.False(reader.Verify(Convert.FromHexString(message), signed));
        Assert.False(reader.Verify(Convert.FromHexString(message), signed.AsMemory(1)));
    }

    [Theory]
    [InlineData(PrefixByte.Account, "A", "SA")]
    [InlineData(PrefixByte.Cluster, "C", "SC")]
    [InlineData(PrefixByte.Server, "N", "SN")]
    [InlineData(PrefixByte.Operator, "O", "SO")]
    [InlineData(PrefixByte.User, "U", "SU")]
    public void Every_kind_has_its_letter(PrefixByte prefix, string publicStart, string seedStart)
    {
        using var random = RandomNumberGenerator.Create();
        using var pair = KeyPair.CreatePair(prefix, random);
        Assert.StartsWith(publicStart, pair.GetPublicKey(), StringComparison.Ordinal);
        Assert.StartsWith(seedStart, pair.GetSeed(), StringComparison.Ordinal);
        Assert.Equal((56, 58), (pair.GetPublicKey().Length, pair.GetSeed().Length));
        Assert.Equal(prefix, KeyPair.FromSeed(pair.GetSeed()).Prefix);
        Assert.True(KeyPair.IsValidPublicKey(prefix, pair.GetPublicKey()));
        Assert.False(KeyPair.IsValidPublicKey(prefix == PrefixByte.User ? PrefixByte.Account : PrefixByte.User, pair.GetPublicKey()));
    }

    [Fact]
    public void Any_changed_character_is_noticed()
    {
        for (var i = 0; i < DocumentedSeed.Length; i++)
        {
            var changed = DocumentedSeed.ToCharArray();
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            Assert.Throws<NKeysException>(() => KeyPair.FromSeed(changed));
        }
        for (var i = 0; i < DocumentedPublicKey.Length; i++)
        {
            var changed = DocumentedPublicKey.ToCharArray();
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            Assert.False(KeyPair.IsValidPublicKey(PrefixByte.User, changed));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("not a seed at all")]
    [InlineData("suacssl3uahudxkfsnvuzrf5uhpmwz6bfdtj7m6usdxiednppqyyycu3vy")]
    [InlineData(DocumentedPublicKey)]
    [InlineData(DocumentedSeed + "A")]
    [InlineData(" " + DocumentedSeed)]
    public void What_is_no_seed_is_refused_and_never_shown(string text)
    {
        var exception = Assert.Throws<NKeysException>(() => KeyPair.FromSeed(text));
        if (text.Length > 10)
            Assert.DoesNotContain(text[5..], exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_seed_is_no_public_key() => Assert.Throws<NKeysException>(() => KeyPair.FromPublicKey(DocumentedSeed));

    [Fact]
    public void A_public_key_can_not_sign_and_a_disposed_key_forgets_its_seed()
    {
        using var reader = KeyPair.FromPublicKey(DocumentedPublicKey);
        Assert.Throws<NKeysException>(() => reader.Sign("x"u8.ToArray(), new byte[64]));
        Assert.Throws<NKeysException>(reader.GetSeed);
        var pair = KeyPair.CreatePair(PrefixByte.User);
        Assert.Throws<NKeysException>(() => pair.Sign("x"u8.ToArray(), new byte[63]));
        pair.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pair.Sign("x"u8.ToArray(), new byte[64]));
    }

    // RFC 4648, section 10, without the padding.
    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Base_32_is_that_of_RFC_4648(string data, string text)
    {
        var bytes = Encoding.ASCII.GetBytes(data);
        var written = new char[Base32.GetEncodedLength(bytes)];
        Assert.Equal(written.Length, Base32.ToBase32(bytes, written));
        Assert.Equal(text, new string(written));
        var read = new byte[Base32.GetDataLength(text)];
        Assert.Equal(read.Length, Base32.FromBase32(text, read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("MZ")]
    [InlineData("MZXW6YT")]
    [InlineData("A")]
    [InlineData("MY======")]
    [InlineData("m")]
    [InlineData("M1")]
    public void Other_spellings_of_base_32_are_refused(string text) =>
        Assert.Throws<NKeysException>(() => Base32.FromBase32(text, new byte[16]));

    [Fact]
    public void The_checksum_is_CRC_16_XMODEM() => Assert.Equal(0x31C3, Crc16.Of("123456789"u8));
}
