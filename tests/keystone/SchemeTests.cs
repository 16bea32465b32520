using System.Net;
using Cyborg.Identity;
using Cyborg.Identity.Keystone;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cyborg.Keystone.Tests;

public sealed class SchemeTests : IAsyncLifetime
{
    private readonly LogBook _logs = new();
    private readonly List<IDisposable> _open = [];
    private FakeKeystone _keystone = null!;
    private WebApplication? _app;
    private int _knownTooEarly;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _keystone = await FakeKeystone.StartAsync();
        _keystone.AddToken("user", ["member"]);
        _keystone.AddToken("nova", ["service", "admin"]);
        _keystone.AddToken("plain", ["member"]);
        _keystone.AddToken("old", life: TimeSpan.FromSeconds(-1));
    }

    public async ValueTask DisposeAsync()
    {
        _open.ForEach(thing => thing.Dispose());
        if (_app is not null)
            await _app.DisposeAsync();
        await _keystone.DisposeAsync();
    }

    [Fact]
    public async Task A_good_token_is_the_caller_and_forged_headers_are_gone()
    {
        var client = await ServeAsync();
        var answer = await AskAsync(client, ("X-Auth-Token", "user"), ("X-Roles", "admin"), ("X-User-Id", "root"), ("X-Service-Roles", "service"));
        Assert.Equal((HttpStatusCode.OK, "u-user|p1|member||False||"), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task Nobody_is_authenticated_before_the_step_that_does_it()
    {
        var client = await ServeAsync();
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(client, ("X-Auth-Token", "user"))).Status);
        Assert.Equal(0, _knownTooEarly);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("unknown")]
    [InlineData("with blank")]
    [InlineData("old")]
    public async Task Any_other_token_is_401_with_Keystones_address(string? token)
    {
        var client = await ServeAsync();
        var answer = await (token is null ? AskAsync(client) : AskAsync(client, ("X-Auth-Token", token)));
        AssertUnauthorized(answer);
    }

    [Fact]
    public async Task Two_tokens_are_401_without_asking()
    {
        var client = await ServeAsync();
        AssertUnauthorized(await AskAsync(client, ("X-Auth-Token", "user"), ("X-Auth-Token", "nova")));
        AssertUnauthorized(await AskAsync(client, ("X-Service-Token", "nova")));
        Assert.Equal(0, _keystone.Validations);
    }

    [Fact]
    public async Task A_service_token_makes_a_service_and_lets_an_expired_token_pass()
    {
        var client = await ServeAsync();
        var answer = await AskAsync(client, ("X-Auth-Token", "old"), ("X-Service-Token", "nova"));
        Assert.Equal((HttpStatusCode.OK, "u-old|p1|member|service,admin|True|u-nova|"), (answer.Status, answer.Body));
    }

    [Theory]
    [InlineData("unknown")]
    [InlineData("old")]
    [InlineData("plain")]
    [InlineData("")]
    public async Task A_service_token_that_does_not_hold_refuses_the_request(string service)
    {
        var client = await ServeAsync();
        AssertUnauthorized(await AskAsync(client, ("X-Auth-Token", "user"), ("X-Service-Token", service)));
    }

    [Fact]
    public async Task Where_service_roles_are_not_required_the_token_counts_but_makes_no_service()
    {
        var client = await ServeAsync(options => options.ServiceTokenRolesRequired = false);
        var answer = await AskAsync(client, ("X-Auth-Token", "user"), ("X-Service-Token", "plain"));
        Assert.Equal((HttpStatusCode.OK, "u-user|p1|member|member|False|u-plain|"), (answer.Status, answer.Body));
        AssertUnauthorized(await AskAsync(client, ("X-Auth-Token", "old"), ("X-Service-Token", "plain")));
    }

    [Theory]
    [InlineData("user", null)]
    [InlineData("user", "nova")]
    public async Task Keystone_away_is_503_in_plain_text(string token, string? service)
    {
        using var nobody = new ClosedPort();
        var client = await ServeAsync(keystone: nobody.Address);
        var answer = await (service is null
            ? AskAsync(client, ("X-Auth-Token", token))
            : AskAsync(client, ("X-Auth-Token", token), ("X-Service-Token", service)));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "text/plain"), (answer.Status, answer.Type));
        Assert.StartsWith("503 Service Unavailable", answer.Body, StringComparison.Ordinal);
        Assert.Equal("", answer.Challenge);
    }

    [Fact]
    public async Task No_secret_reaches_a_log()
    {
        _keystone.LoginScript.Enqueue(FakeKeystone.Status(503));
        var client = await ServeAsync();
        await AskAsync(client, ("X-Auth-Token", "user"), ("X-Service-Token", "nova"));
        _keystone.RevokeServiceTokens();
        await AskAsync(client, ("X-Auth-Token", "tok-unknown"), ("X-Service-Token", "plain"));
        _keystone.CloseValidations();
        await AskOnceAsync(client, ("X-Auth-Token", "tok-closed"));
        _keystone.ValidateScript.Clear();
        await AskAsync(client, ("X-Auth-Token", "tok-unknown"));
        var text = string.Join('\n', _logs.Lines);
        foreach (var id in new[] { "4000 ", "4002 ", "4003 ", "4004 ", "4010 ", "4020 " })
            Assert.Contains("\n" + id, "\n" + text, StringComparison.Ordinal);
        foreach (var secret in new[] { FakeKeystone.Password, "service-token-", "tok-unknown", "tok-closed" })
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("http://k\" x=\"")]
    [InlineData("http://k\r\nX: y")]
    public void An_address_that_would_break_the_header_is_refused(string address)
    {
        using var session = _keystone.Session();
        var options = new KeystoneOptions { Validator = _keystone.Validator(session), WwwAuthenticateUri = address };
        Assert.Throws<InvalidOperationException>(options.Validate);
    }

    private static void AssertUnauthorized(Answer answer)
    {
        Assert.Equal((HttpStatusCode.Unauthorized, "application/json"), (answer.Status, answer.Type));
        Assert.Equal("Keystone uri=\"http://keystone.example/identity\"", answer.Challenge);
        Assert.Equal(
            """{"error":{"code":401,"title":"Unauthorized","message":"The request you have made requires authentication."}}""", answer.Body);
    }

    /// <summary>A service that tells its caller who the caller is.</summary>
    private async Task<HttpClient> ServeAsync(Action<KeystoneOptions>? change = null, Uri? keystone = null)
    {
        var session = _keystone.Session(_keystone.Options with { AuthUrl = keystone ?? _keystone.Options.AuthUrl }, _logs);
        var validator = _keystone.Validator(session, logs: _logs);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(_logs).SetMinimumLevel(LogLevel.Debug);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddAuthentication(KeystoneDefaults.Scheme).AddKeystone(options =>
        {
            options.Validator = validator;
            options.WwwAuthenticateUri = "http://keystone.example/identity";
            change?.Invoke(options);
        });
        builder.Services.AddAuthorization();
        _app = builder.Build();
        _app.Use((context, next) =>
        {
            // A WebApplication puts a step of its own in front, unless it is told that there is one.
            _knownTooEarly += context.User.Identity?.IsAuthenticated == true ? 1 : 0;
            return next(context);
        });
        _app.UseKeystone();
        _app.UseAuthorization();
        _app.MapGet("/", (HttpContext context) =>
        {
            var caller = Credentials.From(context.User);
            return string.Join('|', caller.UserId, caller.ProjectId, string.Join(',', caller.Roles), string.Join(',', caller.ServiceRoles),
                caller.IsService, caller.ServiceUserId, context.Request.Headers["X-Roles"] + context.Request.Headers["X-User-Id"]);
        }).RequireAuthorization();
        await _app.StartAsync(Stop);
        var client = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
        _open.AddRange([session, client]);
        return client;
    }

    /// <summary>Asks twice: the second time the tokens may be remembered, which makes no difference to the answer.</summary>
    private static async Task<Answer> AskAsync(HttpClient client, params (string Name, string Value)[] headers)
    {
        var first = await AskOnceAsync(client, headers);
        Assert.Equal(first, await AskOnceAsync(client, headers));
        return first;
    }

    private static async Task<Answer> AskOnceAsync(HttpClient client, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        foreach (var group in headers.GroupBy(header => header.Name))
            request.Headers.TryAddWithoutValidation(group.Key, group.Select(header => header.Value));
        using var answer = await client.SendAsync(request, Stop);
        return new Answer(
            answer.StatusCode, answer.Content.Headers.ContentType?.MediaType ?? "", answer.Headers.WwwAuthenticate.ToString(),
            await answer.Content.ReadAsStringAsync(Stop));
    }

    private sealed record Answer(HttpStatusCode Status, string Type, string Challenge, string Body);
}
