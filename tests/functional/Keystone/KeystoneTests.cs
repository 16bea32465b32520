using System.Text;
using Cyborg.TestServers;

namespace Cyborg.Functional.Tests;

/// <summary>Who gets in, and what happens when Keystone does not do its part. Every room checks at its end that no token was logged.</summary>
public sealed class KeystoneTests : IAsyncLifetime
{
    private KeystoneRoom _room = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _room = await KeystoneRoom.StartAsync();

    public ValueTask DisposeAsync() => _room.DisposeAsync();

    [Fact]
    public async Task Without_a_token_only_the_versions_are_told()
    {
        foreach (var path in new[] { "/", "/v2", "/v2/" })
            Assert.Equal(200, (await _room.SendAsync(HttpMethod.Get, path, null, [])).Status);
        foreach (var path in new[] { "/v2/device_profiles", "/v2/accelerator_requests", "/v2/nothing", "/v3", "/device_profiles" })
            AssertUnauthorized(await _room.SendAsync(HttpMethod.Get, path, null, []));
        Assert.Equal(0, _room.Keystone.LoginCount);
    }

    [Fact]
    public async Task Tokens_are_what_Keystone_says()
    {
        Assert.Equal(200, (await _room.AskAsync(_room.AddToken(FakeToken.Member))).Status);
        AssertUnauthorized(await _room.AskAsync(_room.AddToken(FakeToken.Expired)));
        AssertUnauthorized(await _room.AskAsync(_room.Secret("gAAAAABunknown-to-keystone")));
        AssertUnauthorized(await _room.AskAsync(_room.AddToken(FakeToken.Member with { HasAccessRules = true })));
        Assert.Equal(1, _room.Keystone.LoginCount);
    }

    [Fact]
    public async Task What_a_caller_writes_into_Keystones_headers_counts_for_nothing()
    {
        const string profile = """[{"name": "forged", "groups": [{"resources:FPGA": "1"}]}]""";
        (string, string?)[] forged = [("X-Roles", "admin"), ("X-Is-Admin-Project", "True"), ("X-Identity-Status", "Confirmed"), ("X-Service-Roles", "service")];
        var member = await _room.SendAsync(HttpMethod.Post, "/v2/device_profiles", profile, [("X-Auth-Token", _room.AddToken(FakeToken.Member)), .. forged]);
        Assert.Equal(403, member.Status);
        AssertUnauthorized(await _room.SendAsync(HttpMethod.Post, "/v2/device_profiles", profile, forged));
        var admin = await _room.SendAsync(HttpMethod.Post, "/v2/device_profiles", profile, [("X-Auth-Token", _room.AddToken(FakeToken.Admin)), ("X-Roles", "reader")]);
        Assert.Equal(201, admin.Status);
    }

    [Theory]
    [InlineData(401, 503)]
    [InlineData(403, 503)]
    [InlineData(404, 401)]
    [InlineData(302, 503)]
    [InlineData(429, 503)]
    [InlineData(500, 503)]
    [InlineData(503, 503)]
    [InlineData(null, 503)]
    public async Task Keystone_fails_to_validate(int? status, int expected)
    {
        var token = _room.AddToken(FakeToken.Member);
        _room.Keystone.Validations = status is { } code ? KeystoneTrouble.Answers(code) : KeystoneTrouble.Closes;
        var answer = await _room.AskAsync(token);
        if (expected == 401)
            AssertUnauthorized(answer);
        else
            AssertAway(answer);
        _room.Keystone.Validations = null;
        // A refused token is remembered for 10 s; an unanswered question is not.
        if (expected == 401)
            _room.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(200, (await _room.AskAsync(token)).Status);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(null)]
    public async Task Keystone_does_not_let_the_service_log_in(int? status)
    {
        var token = _room.AddToken(FakeToken.Member);
        _room.Keystone.Logins = status is { } code ? KeystoneTrouble.Answers(code) : KeystoneTrouble.Closes;
        AssertAway(await _room.AskAsync(token));
        var tries = _room.Keystone.LoginCount;
        AssertAway(await _room.AskAsync(token));
        Assert.Equal(tries, _room.Keystone.LoginCount);
        _room.Keystone.Logins = null;
        _room.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await _room.AskAsync(token)).Status);
    }

    [Fact]
    public async Task The_services_own_token_that_is_revoked_is_replaced()
    {
        Assert.Equal(200, (await _room.AskAsync(_room.AddToken(FakeToken.Member))).Status);
        foreach (var token in _room.Keystone.ServiceTokens)
            _room.Secret(token);
        _room.Keystone.RevokeServiceTokens();
        Assert.Equal(200, (await _room.AskAsync(_room.AddToken(FakeToken.Reader))).Status);
        Assert.Equal(2, _room.Keystone.LoginCount);
    }

    [Fact]
    public async Task A_revoked_token_works_as_long_as_it_is_remembered()
    {
        var token = _room.AddToken(FakeToken.Member);
        Assert.Equal(200, (await _room.AskAsync(token)).Status);
        _room.Keystone.Revoke(token);
        _room.Clock.Advance(TimeSpan.FromSeconds(299));
        Assert.Equal(200, (await _room.AskAsync(token)).Status);
        Assert.Single(_room.Keystone.Validated);
        _room.Clock.Advance(TimeSpan.FromSeconds(1));
        AssertUnauthorized(await _room.AskAsync(token));
    }

    [Fact]
    public async Task A_remembered_token_works_while_Keystone_is_away_and_no_other()
    {
        var token = _room.AddToken(FakeToken.Member);
        Assert.Equal(200, (await _room.AskAsync(token)).Status);
        _room.Keystone.Stop();
        Assert.Equal(200, (await _room.AskAsync(token)).Status);
        AssertAway(await _room.AskAsync(_room.AddToken(FakeToken.Member)));
        _room.Clock.Advance(TimeSpan.FromSeconds(300));
        AssertAway(await _room.AskAsync(token));
        _room.Keystone.StartAgain();
        Assert.Equal(200, (await _room.AskAsync(token)).Status);
    }

    [Fact]
    public async Task An_expired_token_passes_with_a_service_token_alone()
    {
        var (expired, service) = (_room.AddToken(FakeToken.Member with { Life = TimeSpan.FromMinutes(-1) }), _room.AddToken(FakeToken.Service));
        AssertUnauthorized(await _room.AskAsync(expired));
        Assert.Equal(200, (await _room.AskAsync(expired, service)).Status);
        AssertUnauthorized(await _room.AskAsync(expired));
        AssertUnauthorized(await _room.AskAsync(expired, _room.AddToken(FakeToken.Service with { Life = TimeSpan.FromMinutes(-1) })));
        AssertUnauthorized(await _room.AskAsync(null, service));
    }

    [Fact]
    public async Task A_service_token_needs_an_accepted_role()
    {
        var (token, member) = (_room.AddToken(FakeToken.Member), _room.AddToken(FakeToken.OtherMember));
        Assert.Equal(200, (await _room.AskAsync(token, _room.AddToken(FakeToken.Service))).Status);
        AssertUnauthorized(await _room.AskAsync(token, member));
        AssertUnauthorized(await _room.AskAsync(token, _room.Secret("unknown-service-token")));
        AssertUnauthorized(await _room.AskAsync(token, ""));
    }

    [Fact]
    public async Task Odd_tokens_are_refused_without_asking()
    {
        foreach (var odd in new[] { " ", "two words", new string('a', 16_385), "tab\there", "\u007f" })
            AssertUnauthorized(await _room.AskAsync(odd));
        Assert.Empty(_room.Keystone.Validated);
        foreach (var (bytes, expected) in Raw())
            Assert.Contains(expected, await _room.SendRawAsync(bytes), StringComparison.Ordinal);
        // The one before a forged header is a token as any other.
        Assert.Equal(["a"], _room.Keystone.Validated);
        Assert.Equal(200, (await _room.AskAsync(_room.AddToken(FakeToken.Member))).Status);
    }

    private static IEnumerable<(byte[] Request, string Status)> Raw()
    {
        static byte[] Request(params byte[][] value) =>
        [
            .. "GET /v2/device_profiles HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Auth-Token: "u8, .. value.SelectMany(part => part), .. "\r\n\r\n"u8,
        ];
        yield return (Request([0x80, 0xff, 0xfe]), " 400 ");
        yield return (Request("a\0b"u8.ToArray()), " 400 ");
        yield return (Request("a\rb"u8.ToArray()), " 400 ");
        yield return (Request("a\r\nX-Auth-Token: b"u8.ToArray()), " 401 ");
        yield return (Request("a\r\nX-Roles: admin"u8.ToArray()), " 401 ");
        yield return (Request(Encoding.ASCII.GetBytes(new string('x', 40_000))), " 431 ");
    }

    private static void AssertUnauthorized(KeystoneRoom.Answer answer)
    {
        Assert.Equal((401, "application/json", "Keystone uri=\"http://keystone.example:5000\""), (answer.Status, answer.Type, answer.Challenge));
        Assert.Equal(
            """{"error":{"code":401,"title":"Unauthorized","message":"The request you have made requires authentication."}}""", answer.Body);
    }

    private static void AssertAway(KeystoneRoom.Answer answer)
    {
        Assert.Equal((503, "text/plain", ""), (answer.Status, answer.Type, answer.Challenge));
        Assert.StartsWith("503 Service Unavailable", answer.Body, StringComparison.Ordinal);
    }
}
