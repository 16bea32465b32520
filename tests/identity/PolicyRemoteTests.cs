using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Cyborg.Identity.Policy;
using Microsoft.AspNetCore.Http;

namespace Cyborg.Identity.Tests;

/// <summary>Checks that ask a server, against a real one on loopback.</summary>
public sealed class PolicyRemoteTests : IAsyncDisposable
{
    private static readonly Credentials Member = new() { ProjectId = "p1", UserId = "u1", Roles = ["member"], ServiceRoles = ["service"] };
    private static readonly Dictionary<string, string?> Target =
        new() { ["project_id"] = "p1", ["name"] = "a/b?c@d", ["none"] = null, ["up"] = ".." };
    private readonly List<string> _told = [];
    private PolicyServer? _server;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    /// <summary>A server that answers; its address without the scheme.</summary>
    private Task<string> ServeAsync(string answer, int status = 200) => ServeAsync(async http =>
    {
        http.Response.StatusCode = status;
        await http.Response.WriteAsync(answer, Cancel);
    });

    private async Task<string> ServeAsync(RequestDelegate answer)
    {
        _server = await PolicyServer.StartAsync(answer, null, Cancel);
        return _server.Host;
    }

    private List<PolicyServer.Call> Seen => _server!.Seen;

    private PolicyEnforcer Enforcer(string check, RemoteCheckOptions? options = null) => PolicyEnforcer.Load(
        PolicyAsk.Pairs("asked", check, "inner", "@"), new PolicySource { Remote = options ?? new() }, _told.Add);

    private async Task<bool> AllowsAsync(string check, RemoteCheckOptions? options = null)
    {
        using var enforcer = Enforcer(check, options);
        return await enforcer.AllowsAsync("asked", Target, Member, Cancel);
    }

    [Theory]
    [InlineData("True", true)]
    [InlineData("\"True\"", true)]
    [InlineData("\"\"True", true)]
    [InlineData("true", false)]
    [InlineData("True\n", false)]
    [InlineData(" True", false)]
    [InlineData("False", false)]
    [InlineData("", false)]
    [InlineData("'True'", false)]
    public async Task Only_True_allows(string answer, bool allows)
    {
        var host = await ServeAsync(answer);
        Assert.Equal(allows, await AllowsAsync($"http:{host}/check"));
        Assert.Equal(!allows, await AllowsAsync($"not http:{host}/check"));
        Assert.Empty(_told);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(500)]
    public async Task Another_status_denies_even_if_negated(int status)
    {
        var host = await ServeAsync(async http =>
        {
            http.Response.StatusCode = http.Request.Path == "/other" ? 200 : status;
            http.Response.Headers.Location = "/other";
            await http.Response.WriteAsync("True", Cancel);
        });
        Assert.False(await AllowsAsync($"http:{host}/check or @"));
        Assert.False(await AllowsAsync($"not http:{host}/check"));
        Assert.Contains($"status {status}", _told[0]);
        Assert.All(Seen, request => Assert.Equal("/check", request.Path));
    }

    [Fact]
    public async Task The_question_is_a_form_of_three_json_texts()
    {
        var host = await ServeAsync("True");
        Assert.True(await AllowsAsync($"rule:inner and http:{host}/check"));
        var (_, type, body, length) = Assert.Single(Seen);
        Assert.Equal("application/x-www-form-urlencoded", type);
        Assert.Equal(body.Length, length);
        var form = body.Split('&').Select(pair => pair.Split('='))
            .ToDictionary(pair => pair[0], pair => JsonDocument.Parse(WebUtility.UrlDecode(pair[1])).RootElement);
        AssertQuestion(form["rule"], form["target"], form["credentials"]);
        Assert.Equal(3, form.Count);
    }

    [Fact]
    public async Task The_question_may_be_one_json_object()
    {
        var host = await ServeAsync("True");
        Assert.True(await AllowsAsync($"http:{host}/check", new() { AsJson = true }));
        var (_, type, body, length) = Assert.Single(Seen);
        Assert.Equal("application/json", type);
        Assert.Equal(body.Length, length);
        var question = JsonDocument.Parse(body).RootElement;
        AssertQuestion(question.GetProperty("rule"), question.GetProperty("target"), question.GetProperty("credentials"));
        Assert.Equal(3, question.EnumerateObject().Count());
    }

    private static void AssertQuestion(JsonElement rule, JsonElement target, JsonElement credentials)
    {
        Assert.Equal("asked", rule.GetString());
        Assert.Equal("p1", target.GetProperty("project_id").GetString());
        Assert.Equal(JsonValueKind.Null, target.GetProperty("none").ValueKind);
        Assert.Equal("u1", credentials.GetProperty("user_id").GetString());
        Assert.Equal("member", Assert.Single(credentials.GetProperty("roles").EnumerateArray()).GetString());
        Assert.False(credentials.GetProperty("is_admin").GetBoolean());
        string[] names = ["user_id", "user_domain_id", "system_scope", "domain_id", "project_id", "project_domain_id", "roles",
            "is_admin_project", "service_user_id", "service_user_domain_id", "service_project_id", "service_project_domain_id",
            "service_roles", "is_admin"];
        Assert.Equal(names.Order(), credentials.EnumerateObject().Select(property => property.Name).Order());
    }

    [Fact]
    public async Task Values_of_the_target_keep_to_their_place_in_the_address()
    {
        var host = await ServeAsync("True");
        Assert.True(await AllowsAsync($"http:{host}/x/%(project_id)s/%(name)s?q=1"));
        Assert.Equal("/x/p1/a%2Fb%3Fc@d?q=1", Assert.Single(Seen).Path.Replace("%40", "@", StringComparison.Ordinal));
        Assert.True(await AllowsAsync($"http:{host}/x/%(up)s/y"));
        Assert.Equal("/x//y", Seen[1].Path);
    }

    [Theory]
    [InlineData("/%(missing)s")]
    [InlineData("/%(none)s")]
    public async Task A_value_that_is_not_there_denies_and_asks_nobody(string path)
    {
        var host = await ServeAsync("True");
        Assert.False(await AllowsAsync($"http:{host}{path} or @"));
        Assert.False(await AllowsAsync($"not http:{host}{path}"));
        Assert.Empty(Seen);
    }

    [Fact]
    public async Task A_user_in_the_address_is_refused_and_not_told()
    {
        var host = await ServeAsync("True");
        using var enforcer = Enforcer($"http://joe:hush@{host[2..]}/");
        Assert.False(await enforcer.AllowsAsync("asked", Target, Member, Cancel));
        Assert.DoesNotContain("hush", Assert.Single(enforcer.Problems));
        Assert.Empty(Seen);
    }

    [Fact]
    public async Task Servers_are_asked_only_as_far_as_they_decide_and_once_each()
    {
        var host = await ServeAsync(http => http.Response.WriteAsync(http.Request.Path == "/yes" ? "True" : "False", Cancel));
        Assert.True(await AllowsAsync($"role:member or http:{host}/yes"));
        Assert.False(await AllowsAsync($"role:nobody and http:{host}/yes"));
        Assert.Empty(Seen);
        Assert.True(await AllowsAsync($"(http:{host}/no and http:{host}/never) or (http:{host}/yes and not http:{host}/no)"));
        Assert.Equal(["/no", "/yes"], Seen.Select(request => request.Path));
    }

    [Fact]
    public async Task Too_many_servers_deny()
    {
        var host = await ServeAsync("False");
        Assert.False(await AllowsAsync(string.Join(" or ", Enumerable.Range(0, 40).Select(i => $"http:{host}/{i}")) + " or @"));
        Assert.Equal(16, Seen.Count);
    }

    [Fact]
    public async Task A_local_question_denies_where_it_comes_to_a_server()
    {
        var host = await ServeAsync("True");
        using var enforcer = Enforcer($"role:nobody or http:{host}/");
        Assert.False(enforcer.Allows("asked", Target, Member));
        using var local = Enforcer($"role:member or http:{host}/");
        Assert.True(local.Allows("asked", Target, Member));
        var plain = new PolicyEnforcer(PolicyAsk.Pairs("asked", $"http:{host}/"), true);
        Assert.False(await plain.AllowsAsync("asked", Target, Member, Cancel));
        Assert.Empty(Seen);
    }

    [Fact]
    public async Task Unregistered_rules_and_other_scopes_ask_nobody()
    {
        var host = await ServeAsync("True");
        var scoped = PolicyAsk.Rule("asked", $"http:{host}/") with { ScopeTypes = ["system"] };
        using var enforcer = PolicyEnforcer.Load([scoped], new PolicySource());
        Assert.False(await enforcer.AllowsAsync("asked", Target, Member, Cancel));
        Assert.False(await enforcer.AllowsAsync("nope", Target, Member, Cancel));
        Assert.Empty(Seen);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_in_time_denies()
    {
        var host = await ServeAsync(http => Task.Delay(Timeout.Infinite, http.RequestAborted)
            .ContinueWith(_ => { }, Cancel, TaskContinuationOptions.None, TaskScheduler.Default));
        Assert.False(await AllowsAsync($"not http:{host}/", new() { Timeout = TimeSpan.FromMilliseconds(100) }));
        Assert.Contains("no answer in 0.1 s", Assert.Single(_told));
    }

    [Fact]
    public async Task A_server_that_stops_amid_its_answer_denies()
    {
        var host = await ServeAsync(async http =>
        {
            http.Response.ContentLength = 5;
            await http.Response.WriteAsync("True", Cancel);
            await http.Response.Body.FlushAsync(Cancel);
            http.Abort();
        });
        Assert.False(await AllowsAsync($"http:{host}/ or @"));
        Assert.Single(_told);
    }

    [Fact]
    public async Task An_answer_without_end_denies()
    {
        var host = await ServeAsync(async http =>
        {
            while (!http.RequestAborted.IsCancellationRequested)
                await http.Response.WriteAsync(new string('x', 4096), http.RequestAborted);
        });
        Assert.False(await AllowsAsync($"not http:{host}/"));
        Assert.Contains("too long", Assert.Single(_told));
    }

    [Fact]
    public async Task A_closed_port_denies()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        // Bound and not listening: nobody else gets the port, and who connects is turned away.
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.False(await AllowsAsync($"not http://{taken.LocalEndPoint}/secret-path"));
        Assert.DoesNotContain("secret-path", Assert.Single(_told));
    }

    [Fact]
    public async Task Who_asks_may_stop_waiting()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var host = await ServeAsync(async http =>
        {
            await stop.CancelAsync();
            http.Abort();
        });
        using var enforcer = Enforcer($"http:{host}/");
        var fault = await Record.ExceptionAsync(async () => Assert.False(await enforcer.AllowsAsync("asked", Target, Member, stop.Token)));
        Assert.True(fault is null or OperationCanceledException);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await enforcer.AllowsAsync("asked", Target, Member, stop.Token));
    }
}
