using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Cyborg.Identity.Keystone;
using Cyborg.Identity.Session;

namespace Cyborg.Keystone.Tests;

public sealed class JwsTests : IAsyncLifetime
{
    private readonly JwsKeyFolder _folder = new();
    private readonly LogBook _logs = new();
    private FakeKeystone _keystone = null!;
    private KeystoneSession _session = null!;
    private TokenValidator _validator = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private DateTimeOffset Later => _keystone.Clock.GetUtcNow().AddHours(1);

    public async ValueTask InitializeAsync()
    {
        _keystone = await FakeKeystone.StartAsync();
        _session = _keystone.Session();
        _validator = new TokenValidator(_session, new TokenValidatorOptions(), _logs, _keystone.Clock, _folder.Path);
    }

    public async ValueTask DisposeAsync()
    {
        _session.Dispose();
        _folder.Dispose();
        await _keystone.DisposeAsync();
    }

    [Fact]
    public async Task An_intact_token_gets_its_roles_from_Keystone_once()
    {
        var token = _folder.Sign(Later);
        _keystone.AddToken(token, ["reader"]);
        for (var i = 0; i < 2; i++)
            Assert.Equal(["reader"], (await _validator.ValidateAsync(token, false, Stop)).Data!.Roles);
        Assert.Equal(1, _keystone.Validations);
    }

    [Fact]
    public async Task An_intact_token_that_Keystone_has_revoked_is_refused()
    {
        Assert.Equal(TokenStatus.Invalid, (await _validator.ValidateAsync(_folder.Sign(Later), false, Stop)).Status);
        Assert.Equal(1, _keystone.Validations);
    }

    [Fact]
    public async Task A_fernet_token_goes_to_Keystone()
    {
        _keystone.AddToken("gAAAAABnopQ");
        Assert.Equal(TokenStatus.Valid, (await _validator.ValidateAsync("gAAAAABnopQ", false, Stop)).Status);
    }

    [Fact]
    public async Task A_kid_of_no_key_does_not_matter_to_a_good_signature()
    {
        var token = _folder.Sign("""{"alg":"ES256","typ":"JWT","kid":"whatever"}""", JwsKeyFolder.Payload(Later));
        _keystone.AddToken(token);
        Assert.Equal(TokenStatus.Valid, (await _validator.ValidateAsync(token, false, Stop)).Status);
    }

    [Fact]
    public async Task An_expired_token_goes_to_Keystone_only_where_a_service_vouches_for_it()
    {
        var token = _folder.Sign(_keystone.Clock.GetUtcNow());
        _keystone.AddToken(token, life: TimeSpan.Zero);
        Assert.Equal(TokenStatus.Invalid, (await _validator.ValidateAsync(token, false, Stop)).Status);
        Assert.Empty(_keystone.Calls);
        Assert.Equal(TokenStatus.Valid, (await _validator.ValidateAsync(token, true, Stop)).Status);
        Assert.Equal(1, _keystone.Validations);
    }

    [Fact]
    public async Task What_is_forged_or_damaged_never_reaches_Keystone()
    {
        foreach (var (what, token) in Bad())
        {
            // As if Keystone would take anything.
            if (TokenText.IsAcceptable(token))
                _keystone.AddToken(token);
            foreach (var allowExpired in new[] { false, true })
                Assert.True(TokenStatus.Invalid == (await _validator.ValidateAsync(token, allowExpired, Stop)).Status, what);
        }
        Assert.Empty(_keystone.Calls);
    }

    [Fact]
    public async Task Random_damage_never_reaches_Keystone()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var good = _folder.Sign(Later);
        for (var i = 0; i < 500; i++)
        {
            var token = good.ToCharArray();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                token[random.Next(token.Length)] = (char)random.Next('!', '~' + 1);
            var text = new string(token)[..(random.Next(4) == 0 ? random.Next(1, token.Length) : token.Length)];
            if (text == good || !text.Contains('.') || SameBytes(text, good))
                continue;
            Assert.True((await _validator.ValidateAsync(text, false, Stop)).Status == TokenStatus.Invalid, $"seed {seed}: {text}");
            Assert.True(_keystone.Calls.IsEmpty, $"seed {seed}: {text} instead of {good}");
        }
    }

    [Fact]
    public async Task A_new_key_in_the_folder_counts_soon()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var token = _folder.Sign("""{"alg":"ES256","typ":"JWT"}""", JwsKeyFolder.Payload(Later), other);
        _keystone.AddToken(token);
        Assert.Equal(TokenStatus.Invalid, (await _validator.ValidateAsync(token, false, Stop)).Status);
        _folder.Add("new.pem", other.ExportSubjectPublicKeyInfoPem());
        _keystone.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(TokenStatus.Valid, (await _validator.ValidateAsync(token, false, Stop)).Status);
    }

    [Fact]
    public async Task A_broken_folder_keeps_the_keys_from_before_and_is_told()
    {
        await _validator.ValidateAsync(_folder.Sign(Later), false, Stop);
        _folder.Add("broken.pem", "-----BEGIN");
        _keystone.Clock.Advance(TimeSpan.FromSeconds(1));
        var token = _folder.Sign(Later.AddSeconds(1));
        _keystone.AddToken(token);
        Assert.Equal(TokenStatus.Valid, (await _validator.ValidateAsync(token, false, Stop)).Status);
        Assert.Contains(_logs.Lines, line => line.StartsWith("4014 ", StringComparison.Ordinal) && line.Contains("broken.pem", StringComparison.Ordinal));
    }

    [Fact]
    public void A_folder_without_usable_keys_is_told_at_start()
    {
        Assert.Null(JwsKeys.FaultIn(_folder.Path));
        using var rsa = RSA.Create(2048);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        foreach (var text in new[] { "", "x", rsa.ExportSubjectPublicKeyInfoPem(), other.ExportSubjectPublicKeyInfoPem(), other.ExportECPrivateKeyPem(), new string('-', 20_000) })
        {
            _folder.Add("odd.pem", text);
            Assert.Contains("odd.pem", JwsKeys.FaultIn(_folder.Path), StringComparison.Ordinal);
        }
        Assert.NotNull(JwsKeys.FaultIn(_folder.Path + "-not-there"));
        Assert.NotNull(JwsKeys.FaultIn(Directory.CreateDirectory(Path.Combine(_folder.Path, "empty")).FullName));
    }

    private IEnumerable<(string What, string Token)> Bad()
    {
        const string es256 = """{"alg":"ES256","typ":"JWT"}""";
        var payload = JwsKeyFolder.Payload(Later);
        var good = _folder.Sign(es256, payload);
        var parts = good.Split('.');
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        yield return ("another's key", _folder.Sign(es256, payload, other));
        yield return ("another payload", $"{parts[0]}.{JwsKeyFolder.Encode(payload.Replace("p1", "p2", StringComparison.Ordinal))}.{parts[2]}");
        foreach (var none in new[] { "none", "None", "NONE", "" })
        {
            var header = JwsKeyFolder.Encode($$"""{"alg":"{{none}}","typ":"JWT"}""");
            yield return ($"alg {none}", $"{header}.{parts[1]}.");
            yield return ($"alg {none}, signed", $"{header}.{parts[1]}.{parts[2]}");
        }
        yield return ("no alg", _folder.Sign("""{"typ":"JWT"}""", payload));
        foreach (var secret in new[] { Encoding.UTF8.GetBytes(_folder.PublicPem), Convert.FromBase64String(string.Concat(_folder.PublicPem.Split('\n')[1..^1])) })
        {
            var text = $"{JwsKeyFolder.Encode("""{"alg":"HS256","typ":"JWT"}""")}.{parts[1]}";
            yield return ("HS256 with the public key", $"{text}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(text)))}");
        }
        yield return ("ES384 in name", _folder.Sign("""{"alg":"ES384","typ":"JWT"}""", payload));
        yield return ("a key of its own", _folder.Sign("""{"alg":"ES256","jwk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}}""", payload, other));
        yield return ("a key from afar", _folder.Sign("""{"alg":"ES256","jku":"http://127.0.0.1:1/keys"}""", payload, other));
        yield return ("no signature", $"{parts[0]}.{parts[1]}");
        yield return ("an empty signature", $"{parts[0]}.{parts[1]}.");
        yield return ("half a signature", good[..^20]);
        yield return ("a zero signature", $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(new byte[64])}");
        yield return ("four parts", good + ".x");
        yield return ("five parts", good + ".x.y");
        yield return ("dots", "...");
        yield return ("one dot", ".");
        yield return ("many dots", new string('.', 16_000));
        yield return ("no base64", "!!!.???.***");
        yield return ("no JSON", _folder.Sign(es256, "hello"));
        yield return ("deep JSON", _folder.Sign(es256, string.Concat(Enumerable.Repeat("[", 4000))));
        yield return ("a list", _folder.Sign(es256, "[]"));
        yield return ("no expiry", _folder.Sign(es256, """{"sub":"u"}"""));
        foreach (var odd in new[] { "\"soon\"", "null", "1e400", "-1e400", "{}", "[]", "99999999999999999999999" })
            yield return ($"expiry {odd}", _folder.Sign(es256, JwsKeyFolder.Payload(odd)));
        yield return ("not yet", _folder.Sign(es256, payload.Replace("{\"sub\"", $"{{\"nbf\":{Later.ToUnixTimeSeconds()},\"sub\"", StringComparison.Ordinal)));
        yield return ("too long", _folder.Sign(es256, payload.Replace("7d5e", new string('a', 20_000), StringComparison.Ordinal)));
    }

    // The last character of a part has bits that count for nothing.
    private static bool SameBytes(string text, string good)
    {
        var (left, right) = (text.Split('.'), good.Split('.'));
        return left.Length == right.Length && left.Zip(right).All(pair => Decode(pair.First) is { } bytes && bytes.SequenceEqual(Decode(pair.Second)!))
            && left[0] == right[0] && left[1] == right[1];
    }

    private static byte[]? Decode(string part)
    {
        try
        {
            return Base64Url.DecodeFromChars(part);
        }
        catch (FormatException)
        {
            // As lenient as a reader may be.
            return Convert.TryFromBase64String(part.Replace('-', '+').Replace('_', '/').PadRight((part.Length + 3) / 4 * 4, '='), new byte[part.Length], out _) ? [] : null;
        }
    }
}
