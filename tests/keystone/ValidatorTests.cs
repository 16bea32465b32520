using Cyborg.Identity.Keystone;
using Microsoft.AspNetCore.Http;

namespace Cyborg.Keystone.Tests;

public sealed class ValidatorTests : IAsyncLifetime
{
    private FakeKeystone _keystone = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _keystone = await FakeKeystone.StartAsync();

    public ValueTask DisposeAsync() => _keystone.DisposeAsync();

    [Fact]
    public async Task A_valid_token_gives_what_Keystone_says()
    {
        _keystone.AddToken("good", ["member", "reader"]);
        using var session = _keystone.Session();
        var verdict = await _keystone.Validator(session).ValidateAsync("good", false, Stop);
        var caller = verdict.Data!.ToCredentials(null, ["service"]);
        Assert.Equal(("u-good", "default", "p1", "pd"), (caller.UserId, caller.UserDomainId, caller.ProjectId, caller.ProjectDomainId));
        Assert.Equal(["member", "reader"], caller.Roles);
        Assert.True(caller.IsAdminProject);
        Assert.False(caller.IsService);
        Assert.Null(caller.DomainId);
        Assert.Null(caller.SystemScope);
    }

    [Fact]
    public async Task Unscoped_domain_and_system_tokens_carry_their_scope_only()
    {
        var expires_at = _keystone.Clock.GetUtcNow().AddHours(1);
        var user = new { id = "u" };
        _keystone.Tokens["unscoped"] = new { expires_at, user };
        _keystone.Tokens["domain"] = new { expires_at, user, domain = new { id = "d" }, roles = new[] { new { name = "admin" } } };
        _keystone.Tokens["system"] = new { expires_at, user, system = new { all = true }, is_admin_project = false };
        using var session = _keystone.Session();
        var validator = _keystone.Validator(session);
        var unscoped = (await validator.ValidateAsync("unscoped", false, Stop)).Data!;
        var domain = (await validator.ValidateAsync("domain", false, Stop)).Data!;
        var system = (await validator.ValidateAsync("system", false, Stop)).Data!;
        Assert.Equal((null, null, null), (unscoped.ProjectId, unscoped.DomainId, unscoped.SystemScope));
        Assert.Empty(unscoped.Roles);
        Assert.Equal((null, "d", null), (domain.ProjectId, domain.DomainId, domain.SystemScope));
        Assert.Equal((null, null, "all"), (system.ProjectId, system.DomainId, system.SystemScope));
        Assert.False(system.IsAdminProject);
    }

    [Theory]
    [InlineData(404, "Invalid")]
    [InlineData(403, "Unavailable")]
    [InlineData(400, "Unavailable")]
    [InlineData(302, "Unavailable")]
    [InlineData(429, "Unavailable")]
    [InlineData(500, "Unavailable")]
    [InlineData(503, "Unavailable")]
    public async Task A_status_of_Keystone_means(int status, string expected)
    {
        _keystone.AddToken("good");
        for (var i = 0; i < 3; i++)
            _keystone.ValidateScript.Enqueue(FakeKeystone.Status(status));
        using var session = _keystone.Session();
        Assert.Equal(expected, (await _keystone.Validator(session).ValidateAsync("good", false, Stop)).Status.ToString());
    }

    [Fact]
    public async Task A_lasting_401_to_the_services_own_token_is_unavailable_after_one_new_login()
    {
        _keystone.AddToken("good");
        _keystone.ValidateScript.Enqueue(FakeKeystone.Status(401));
        _keystone.ValidateScript.Enqueue(FakeKeystone.Status(401));
        using var session = _keystone.Session();
        Assert.Equal(TokenStatus.Unavailable, (await _keystone.Validator(session).ValidateAsync("good", false, Stop)).Status);
        Assert.Equal((2, 2), (_keystone.Logins, _keystone.Validations));
    }

    [Fact]
    public async Task The_services_own_token_refused_midway_is_replaced_once()
    {
        _keystone.AddToken("one");
        _keystone.AddToken("two");
        using var session = _keystone.Session();
        var validator = _keystone.Validator(session);
        Assert.Equal(TokenStatus.Valid, (await validator.ValidateAsync("one", false, Stop)).Status);
        _keystone.RevokeServiceTokens();
        Assert.Equal(TokenStatus.Valid, (await validator.ValidateAsync("two", false, Stop)).Status);
        Assert.Equal((2, 3), (_keystone.Logins, _keystone.Validations));
    }

    [Fact]
    public async Task A_silent_Keystone_is_unavailable_after_the_timeout()
    {
        _keystone.AddToken("good");
        _keystone.ValidateScript.Enqueue(_keystone.SilenceForever);
        using var session = _keystone.Session(_keystone.Options with { Retries = 0 });
        var validator = _keystone.Validator(session);
        Assert.Equal(TokenStatus.Unavailable, (await validator.ValidateAsync("good", false, Stop)).Status);
        Assert.Equal(TokenStatus.Valid, (await validator.ValidateAsync("good", false, Stop)).Status);
    }

    [Fact]
    public async Task Closed_connections_are_unavailable_and_not_remembered()
    {
        _keystone.AddToken("good");
        _keystone.CloseValidations();
        using var session = _keystone.Session();
        var validator = _keystone.Validator(session);
        Assert.Equal(TokenStatus.Unavailable, (await validator.ValidateAsync("good", false, Stop)).Status);
        _keystone.ValidateScript.Clear();
        Assert.Equal(TokenStatus.Valid, (await validator.ValidateAsync("good", false, Stop)).Status);
    }

    [Fact]
    public async Task No_Keystone_at_all_is_unavailable()
    {
        using var nobody = new ClosedPort();
        using var session = _keystone.Session(_keystone.Options with { AuthUrl = nobody.Address, Retries = 1 });
        Assert.Equal(TokenStatus.Unavailable, (await _keystone.Validator(session).ValidateAsync("good", false, Stop)).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("<html>")]
    [InlineData("""{"token":{"expires_at":"2030-01-01T00:00:00Z"}}""")]
    [InlineData("""{"token":{"user":{"id":"u"}}}""")]
    [InlineData("""{"token":{"expires_at":7,"user":"u","roles":{}}}""")]
    public async Task An_answer_without_sense_is_unavailable(string body)
    {
        _keystone.ValidateScript.Enqueue(context => context.Response.WriteAsync(body));
        using var session = _keystone.Session();
        Assert.Equal(TokenStatus.Unavailable, (await _keystone.Validator(session).ValidateAsync("good", false, Stop)).Status);
    }

    [Fact]
    public async Task A_token_revoked_after_caching_is_refused_when_the_cache_lapses()
    {
        _keystone.AddToken("good");
        using var session = _keystone.Session();
        var validator = _keystone.Validator(session);
        Assert.Equal(TokenStatus.Valid, (await validator.ValidateAsync("good", false, Stop)).Status);
        _keystone.Tokens.Clear();
        _keystone.Clock.Advance(TimeSpan.FromSeconds(299));
        Assert.Equal(TokenStatus.Valid, (await validator.ValidateAsync("good", false, Stop)).Status);
        Assert.Equal(1, _keystone.Validations);
        _keystone.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TokenStatus.Invalid, (await validator.ValidateAsync("good", false, Stop)).Status);
    }

    [Fact]
    public async Task A_cached_token_does_not_outlive_its_expiry()
    {
        _keystone.AddToken("short", life: TimeSpan.FromSeconds(20));
        using var session = _keystone.Session();
        var validator = _keystone.Validator(session);
        Assert.Equal(TokenStatus.Valid, (await validator.ValidateAsync("short", false, Stop)).Status);
        _keystone.Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(TokenStatus.Invalid, (await validator.ValidateAsync("short", false, Stop)).Status);
    }

    [Fact]
    public async Task An_expired_token_counts_only_where_it_is_allowed()
    {
        _keystone.AddToken("old", life: TimeSpan.FromSeconds(-5));
        using var session = _keystone.Session();
        var validator = _keystone.Validator(session);
        Assert.Equal(TokenStatus.Valid, (await validator.ValidateAsync("old", true, Stop)).Status);
        Assert.Equal(TokenStatus.Invalid, (await validator.ValidateAsync("old", false, Stop)).Status);
        var asked = _keystone.Calls.Where(call => call.Method == "GET").Select(call => call.Url).ToList();
        Assert.Contains("allow_expired=1", asked[0], StringComparison.Ordinal);
        Assert.DoesNotContain("allow_expired", asked[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hundred_at_once_ask_once()
    {
        _keystone.AddToken("good");
        var open = new TaskCompletionSource();
        _keystone.LoginScript.Enqueue(async context =>
        {
            await open.Task;
            context.Response.StatusCode = 503;
        });
        using var session = _keystone.Session();
        var validator = _keystone.Validator(session);
        var all = Enumerable.Range(0, 100).Select(_ => validator.ValidateAsync("good", false, Stop)).ToList();
        open.SetResult();
        Assert.All(await Task.WhenAll(all), verdict => Assert.Equal(TokenStatus.Valid, verdict.Status));
        Assert.Equal(1, _keystone.Validations);
        Assert.Equal(2, _keystone.Logins);
    }

    [Fact]
    public async Task One_who_gives_up_does_not_stop_the_others()
    {
        _keystone.AddToken("good");
        var open = new TaskCompletionSource();
        _keystone.LoginScript.Enqueue(async context =>
        {
            await open.Task;
            context.Response.StatusCode = 503;
        });
        using var session = _keystone.Session();
        var validator = _keystone.Validator(session);
        using var impatient = new CancellationTokenSource();
        var first = validator.ValidateAsync("good", false, impatient.Token);
        var second = validator.ValidateAsync("good", false, Stop);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        open.SetResult();
        Assert.Equal(TokenStatus.Valid, (await second).Status);
        Assert.Equal(1, _keystone.Validations);
    }

    [Fact]
    public async Task A_refused_token_is_remembered_briefly()
    {
        using var session = _keystone.Session();
        var validator = _keystone.Validator(session);
        Assert.Equal(TokenStatus.Invalid, (await validator.ValidateAsync("late", false, Stop)).Status);
        _keystone.AddToken("late");
        Assert.Equal(TokenStatus.Invalid, (await validator.ValidateAsync("late", false, Stop)).Status);
        Assert.Equal(1, _keystone.Validations);
        _keystone.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(TokenStatus.Valid, (await validator.ValidateAsync("late", false, Stop)).Status);
    }

    [Fact]
    public async Task The_cache_is_bounded_and_bad_tokens_do_not_push_out_good_ones()
    {
        using var session = _keystone.Session();
        var validator = _keystone.Validator(session, new TokenValidatorOptions { MaxEntries = 3 });
        _keystone.AddToken("good");
        await validator.ValidateAsync("good", false, Stop);
        for (var i = 0; i < 10; i++)
            await validator.ValidateAsync("bad" + i, false, Stop);
        Assert.Equal(4, validator.Cache.Count);
        var before = _keystone.Validations;
        await validator.ValidateAsync("good", false, Stop);
        Assert.Equal(before, _keystone.Validations);
        await validator.ValidateAsync("bad0", false, Stop);
        Assert.Equal(before + 1, _keystone.Validations);
    }

    [Fact]
    public async Task Without_a_cache_time_every_request_asks()
    {
        _keystone.AddToken("good");
        using var session = _keystone.Session();
        var validator = _keystone.Validator(session, new TokenValidatorOptions { CacheTime = TimeSpan.FromSeconds(-1) });
        await validator.ValidateAsync("good", false, Stop);
        await validator.ValidateAsync("good", false, Stop);
        Assert.Equal((2, 0), (_keystone.Validations, validator.Cache.Count));
    }

    [Fact]
    public async Task What_cannot_be_a_token_never_reaches_Keystone()
    {
        using var session = _keystone.Session();
        var validator = _keystone.Validator(session);
        foreach (var text in new[] { "", " ", "a b", "a\r\nX-Roles: admin", "a\0", "é", "\u007f", new string('a', 16385) })
            Assert.Equal(TokenStatus.Invalid, (await validator.ValidateAsync(text, false, Stop)).Status);
        Assert.Empty(_keystone.Calls);
        Assert.Equal(0, validator.Cache.Count);
    }

    [Fact]
    public async Task A_token_with_access_rules_is_refused()
    {
        _keystone.Tokens["ruled"] = new
        {
            expires_at = _keystone.Clock.GetUtcNow().AddHours(1),
            user = new { id = "u" },
            application_credential = new { id = "a", access_rules = new[] { new { path = "/v2.1/servers", method = "GET", service = "compute" } } },
        };
        using var session = _keystone.Session();
        Assert.Equal(TokenStatus.Invalid, (await _keystone.Validator(session).ValidateAsync("ruled", false, Stop)).Status);
    }
}
