using System.Text;

namespace Cyborg.Messaging.Tests;

public sealed class HostTokenTests
{
    [Theory]
    [InlineData("compute-1_a", "compute-1_a")]
    [InlineData("c1.example.org", "c1=2Eexample=2Eorg")]
    [InlineData("*", "=2A")]
    [InlineData(">", "=3E")]
    [InlineData("=", "=3D")]
    [InlineData(" ", "=20")]
    [InlineData("ü", "=C3=BC")]
    public void A_host_name_becomes_one_token(string host, string token)
    {
        Assert.Equal(token, HostToken.Encode(host));
        Assert.Equal(host, HostToken.Decode(token));
    }

    [Fact]
    public void Any_name_survives_the_round_trip_and_stays_one_token()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < 20_000; i++)
        {
            var host = RandomHost(random);
            var token = HostToken.Encode(host);
            Assert.DoesNotContain(token, static octet => octet is '.' or '*' or '>' || char.IsWhiteSpace(octet) || char.IsControl(octet) || octet > 0x7E);
            Assert.NotEmpty(token);
            Assert.Equal(host, HostToken.Decode(token));
        }
    }

    [Fact]
    public void Only_what_was_encoded_can_be_decoded()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        const string Letters = "aZ09-_=2E3DaFgG. *>é";
        for (var i = 0; i < 20_000; i++)
        {
            var token = string.Concat(Enumerable.Range(0, random.Next(0, 9)).Select(_ => Letters[random.Next(Letters.Length)]));
            if (HostToken.TryDecode(token) is { } host)
                Assert.Equal(token, HostToken.Encode(host));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.b")]
    [InlineData("=2")]
    [InlineData("=")]
    [InlineData("=2e")]
    [InlineData("= A")]
    [InlineData("=41")]
    [InlineData("=FF")]
    [InlineData("é")]
    [InlineData("ａ")]
    public void Another_spelling_is_refused(string token) => Assert.Throws<FormatException>(() => HostToken.Decode(token));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void No_name_is_refused(string? host) => Assert.ThrowsAny<ArgumentException>(() => HostToken.Encode(host));

    [Fact]
    public void Half_a_surrogate_pair_is_refused() => Assert.ThrowsAny<ArgumentException>(() => HostToken.Encode("a\uD800"));

    private static string RandomHost(Random random)
    {
        var name = new StringBuilder();
        for (var length = random.Next(1, 20); length > 0; length--)
        {
            var rune = random.Next(4) switch
            {
                0 => random.Next(0x80),
                1 => ".*> =-_"[random.Next(7)],
                2 => random.Next(0xD800),
                _ => random.Next(0xE000, 0x110000),
            };
            name.Append(new Rune(rune).ToString());
        }
        return name.ToString();
    }
}
