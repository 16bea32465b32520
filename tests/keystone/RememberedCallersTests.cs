using Cyborg.Identity;
using Cyborg.Identity.Keystone;
using Microsoft.AspNetCore.Http;

namespace Cyborg.Keystone.Tests;

/// <summary>Callers that are known without an authentication handler: exactly those whom it would let in from memory.</summary>
public sealed class RememberedCallersTests : IAsyncLifetime
{
    private FakeKeystone _keystone = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _keystone = await FakeKeystone.StartAsync();
        _keystone.AddToken("user", ["member"]);
        _keystone.AddToken("nova", ["service"]);
        _keystone.AddToken("plain", ["member"]);
        _keystone.AddToken("old", ["member"], life: TimeSpan.FromSeconds(-1));
        _keystone.AddToken("brief", ["member"], life: TimeSpan.FromSeconds(20));
    }

    public ValueTask DisposeAsync() => _keystone.DisposeAsync();

    [Fact]
    public async Task Only_a_token_that_was_judged_is_known_and_the_caller_is_the_same_object_each_time()
    {
        using var session = _keystone.Session();
        var (validator, callers) = Make(session);
        Assert.Null(callers.Find(Headers("user")));
        Assert.Null(callers.Find(new HeaderDictionary()));
        await validator.ValidateAsync("user", false, Stop);
        var caller = callers.Find(Headers("user"))!;
        Assert.Same(caller, callers.Find(Headers("user")));
        Assert.Equal(("u-user", false), (Credentials.From(caller).UserId, Credentials.From(caller).IsService));
        Assert.True(caller.Identity!.IsAuthenticated);
        Assert.Equal(1, _keystone.Validations);
    }

    [Fact]
    public async Task Who_is_refused_is_never_known()
    {
        using var session = _keystone.Session();
        var (validator, callers) = Make(session);
        foreach (var token in new[] { "unknown", "old" })
        {
            await validator.ValidateAsync(token, false, Stop);
            Assert.Null(callers.Find(Headers(token)));
        }
        await validator.ValidateAsync("user", false, Stop);
        Assert.Null(callers.Find(new HeaderDictionary { ["X-Auth-Token"] = new(["user", "user"]) }));
        Assert.Null(callers.Find(Headers("with blank")));
        Assert.Null(callers.Find(Headers("")));
    }

    [Fact]
    public async Task A_token_is_forgotten_after_the_cache_time_and_when_it_expires()
    {
        using var session = _keystone.Session();
        var (validator, callers) = Make(session);
        await validator.ValidateAsync("user", false, Stop);
        await validator.ValidateAsync("brief", false, Stop);
        _keystone.Clock.Advance(TimeSpan.FromSeconds(19));
        Assert.NotNull(callers.Find(Headers("brief")));
        _keystone.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(callers.Find(Headers("brief")));
        _keystone.Clock.Advance(TimeSpan.FromSeconds(279));
        Assert.NotNull(callers.Find(Headers("user")));
        // Revoked or not: from here on Keystone is asked again.
        _keystone.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(callers.Find(Headers("user")));
    }

    [Fact]
    public async Task A_service_counts_with_the_caller_whom_it_comes_for()
    {
        using var session = _keystone.Session();
        var (validator, callers) = Make(session);
        await validator.ValidateAsync("nova", false, Stop);
        await validator.ValidateAsync("user", allowExpired: true, Stop);
        var passedOn = Credentials.From(callers.Find(Headers("user", "nova"))!);
        Assert.Equal((true, "u-nova"), (passedOn.IsService, passedOn.ServiceUserId));
        // Alone it was never asked about: what lets an expired token pass must not let it in by itself.
        Assert.Null(callers.Find(Headers("user")));
        await validator.ValidateAsync("user", allowExpired: false, Stop);
        Assert.False(Credentials.From(callers.Find(Headers("user"))!).IsService);
        Assert.True(Credentials.From(callers.Find(Headers("user", "nova"))!).IsService);
    }

    [Fact]
    public async Task An_expired_token_is_known_with_its_service_only()
    {
        using var session = _keystone.Session();
        var (validator, callers) = Make(session);
        await validator.ValidateAsync("nova", false, Stop);
        await validator.ValidateAsync("old", allowExpired: true, Stop);
        Assert.NotNull(callers.Find(Headers("old", "nova")));
        Assert.Null(callers.Find(Headers("old")));
    }

    [Theory]
    [InlineData("plain", true, false)]
    [InlineData("plain", false, true)]
    [InlineData("unknown", false, false)]
    [InlineData("", false, false)]
    public async Task A_service_token_without_an_accepted_role_is_the_handlers_to_refuse(string service, bool required, bool known)
    {
        using var session = _keystone.Session();
        var (validator, callers) = Make(session, required);
        await validator.ValidateAsync("user", false, Stop);
        await validator.ValidateAsync(service, false, Stop);
        Assert.Equal(known, callers.Find(Headers("user", service)) is not null);
    }

    [Fact]
    public async Task Headers_that_a_caller_could_forge_are_gone_whoever_calls()
    {
        using var session = _keystone.Session();
        var (validator, callers) = Make(session);
        await validator.ValidateAsync("user", false, Stop);
        foreach (var token in new[] { "user", "unknown" })
        {
            var headers = Headers(token);
            (headers["x-roles"], headers["OpenStack-System-Scope"], headers["X-Other"]) = ("admin", "all", "stays");
            callers.Find(headers);
            Assert.Equal(["X-Auth-Token", "X-Other"], headers.Keys.Order(StringComparer.Ordinal));
        }
    }

    private (TokenValidator Validator, RememberedCallers Callers) Make(Identity.Session.KeystoneSession session, bool rolesRequired = true)
    {
        var validator = _keystone.Validator(session);
        return (validator, new RememberedCallers(new KeystoneOptions { Validator = validator, ServiceTokenRolesRequired = rolesRequired }));
    }

    private static HeaderDictionary Headers(string token, string? service = null)
    {
        var headers = new HeaderDictionary { ["X-Auth-Token"] = token };
        if (service is not null)
            headers["X-Service-Token"] = service;
        return headers;
    }
}
