using Cyborg.Keystone.Tests;
using Cyborg.TestServers;

namespace Cyborg.Functional.Tests;

/// <summary>What an operator can say in <c>[keystone_authtoken]</c>, seen from outside.</summary>
public sealed class KeystoneOptionTests
{
    [Fact]
    public async Task The_service_starts_without_Keystone_and_answers_when_it_is_there()
    {
        await using var room = await KeystoneRoom.StartAsync(["connect_retries = 0"], keystoneIsAway: true);
        var token = room.AddToken(FakeToken.Member);
        Assert.Equal(200, (await room.SendAsync(HttpMethod.Get, "/", null, [])).Status);
        Assert.Equal(503, (await room.AskAsync(token)).Status);
        room.Keystone.StartAgain();
        room.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await room.AskAsync(token)).Status);
    }

    [Fact]
    public async Task A_Keystone_that_does_not_answer_is_away_after_the_timeout()
    {
        // The timeout is of a length that nothing else has, and over when this test says so.
        await using var room = await KeystoneRoom.StartAsync(["http_connect_timeout = 1234", "http_request_max_retries = 0"], held: TimeSpan.FromSeconds(1234));
        var token = room.AddToken(FakeToken.Member);
        room.Keystone.Logins = KeystoneTrouble.Silent;
        var silent = room.AskAsync(token);
        await UntilAsync(() => room.Keystone.LoginCount == 1);
        room.Clock.RunOut();
        Assert.Equal(503, (await silent).Status);
        room.Keystone.Logins = null;
        room.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await room.AskAsync(token)).Status);
        room.Keystone.Validations = KeystoneTrouble.Silent;
        var other = room.AddToken(FakeToken.Member);
        silent = room.AskAsync(other);
        await UntilAsync(() => room.Keystone.Validated.Contains(other));
        room.Clock.RunOut();
        Assert.Equal(503, (await silent).Status);
        Assert.Equal(200, (await room.AskAsync(token)).Status);
    }

    private static Task UntilAsync(Func<bool> so) => ObservedService.UntilAsync(so, TestContext.Current.CancellationToken);

    [Fact]
    public async Task A_slow_Keystone_is_waited_for()
    {
        await using var room = await KeystoneRoom.StartAsync();
        var token = room.AddToken(FakeToken.Member);
        room.Keystone.Validations = KeystoneTrouble.Silent;
        var answers = Enumerable.Range(0, 20).Select(_ => room.AskAsync(token)).ToList();
        await room.Keystone.FirstValidation.WaitAsync(TestContext.Current.CancellationToken);
        room.Keystone.Validations = null;
        Assert.All(await Task.WhenAll(answers), answer => Assert.Equal(200, answer.Status));
        Assert.Single(room.Keystone.Validated);
    }

    [Fact]
    public async Task Service_roles_need_not_be_required()
    {
        await using var room = await KeystoneRoom.StartAsync(["service_token_roles_required = false"]);
        Assert.Equal(200, (await room.AskAsync(room.AddToken(FakeToken.Member), room.AddToken(FakeToken.OtherMember))).Status);
        Assert.Equal(401, (await room.AskAsync(room.AddToken(FakeToken.Expired), room.AddToken(FakeToken.OtherMember))).Status);
    }

    [Fact]
    public async Task Service_roles_can_be_others()
    {
        await using var room = await KeystoneRoom.StartAsync(["service_token_roles = helper, manager"]);
        Assert.Equal(401, (await room.AskAsync(room.AddToken(FakeToken.Member), room.AddToken(FakeToken.Service))).Status);
        Assert.Equal(200, (await room.AskAsync(room.AddToken(FakeToken.Member), room.AddToken(FakeToken.InProject("helper", FakeToken.ServiceProject)))).Status);
    }

    [Fact]
    public async Task Without_a_cache_a_revoked_token_is_refused_at_once()
    {
        await using var room = await KeystoneRoom.StartAsync(["token_cache_time = -1"]);
        var token = room.AddToken(FakeToken.Member);
        Assert.Equal(200, (await room.AskAsync(token)).Status);
        room.Keystone.Revoke(token);
        Assert.Equal(401, (await room.AskAsync(token)).Status);
    }

    [Fact]
    public async Task A_delayed_decision_is_left_to_policy()
    {
        await using var room = await KeystoneRoom.StartAsync(["delay_auth_decision = true"]);
        Assert.Equal(403, (await room.AskAsync(null)).Status);
        Assert.Equal(403, (await room.AskAsync(room.Secret("unknown-token"))).Status);
        Assert.Equal(200, (await room.AskAsync(room.AddToken(FakeToken.Member))).Status);
        room.Keystone.Validations = KeystoneTrouble.Answers(500);
        Assert.Equal(503, (await room.AskAsync(room.AddToken(FakeToken.Member))).Status);
    }

    [Fact]
    public async Task Options_without_effect_and_unsafe_ones_are_told()
    {
        await using var room = await KeystoneRoom.StartAsync(["memcached_servers = m:11211", "memcache_secret_key = memcached-secret", "insecure = true"]);
        room.Secret("memcached-secret");
        foreach (var part in new[] { "memcached_servers has no effect", "memcache_secret_key has no effect" })
            Assert.Contains(room.Logs.Lines, line => line.StartsWith("1006 ", StringComparison.Ordinal) && line.Contains(part, StringComparison.Ordinal));
        await room.AskAsync(room.AddToken(FakeToken.Member));
        Assert.Contains(room.Logs.Lines, line => line.StartsWith("4005 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Forged_and_expired_JWS_tokens_never_reach_Keystone()
    {
        using var keys = new JwsKeyFolder();
        await using var room = await KeystoneRoom.StartAsync([$"jws_public_keys = {keys.Path}"]);
        var later = room.Clock.GetUtcNow().AddHours(1);
        var good = room.AddToken(FakeToken.Member, keys.Sign(later));
        var expired = room.AddToken(FakeToken.Member with { Life = TimeSpan.FromMinutes(-1) }, keys.Sign(room.Clock.GetUtcNow().AddMinutes(-1)));
        using var thief = new JwsKeyFolder();
        var forged = room.AddToken(FakeToken.Admin, thief.Sign(later));
        Assert.Equal(401, (await room.AskAsync(expired)).Status);
        Assert.Equal(401, (await room.AskAsync(forged)).Status);
        Assert.Equal(401, (await room.AskAsync(good[..^10])).Status);
        Assert.Equal(0, room.Keystone.LoginCount + room.Keystone.Validated.Count);
        Assert.Equal(200, (await room.AskAsync(good)).Status);
        Assert.Equal(200, (await room.AskAsync(expired, room.AddToken(FakeToken.Service))).Status);
    }
}
