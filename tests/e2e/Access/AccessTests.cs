using System.Net;
using System.Text.Json.Nodes;

namespace Cyborg.E2E.Tests;

/// <summary>Who gets in, with tokens of a real Keystone. Every route for every persona is another test's; this one shows that real tokens are those personas.</summary>
public abstract class AccessTests(CloudUnderTest cloud) : EndToEndTest(cloud)
{
    private const HttpStatusCode Ok = HttpStatusCode.OK, Created = HttpStatusCode.Created, Forbidden = HttpStatusCode.Forbidden;
    private const string Arqs = "/accelerator_requests", Profiles = "/device_profiles";

    // User, question, answer with upstream's present default policies, answer with the new ones.
    private static readonly (string User, string Question, HttpStatusCode Old, HttpStatusCode New)[] s_table =
    [
        ("demo_reader", $"GET {Profiles}", Ok, Ok),
        ("demo_reader", $"GET {Arqs}", Ok, Ok),
        ("demo_reader", $"POST {Arqs}", Created, Forbidden),
        ("demo_reader", "GET /devices", Ok, Forbidden),
        ("demo_reader", $"POST {Profiles}", Forbidden, Forbidden),
        ("demo_member", $"POST {Arqs}", Created, Created),
        ("demo_member", "GET /devices", Ok, Forbidden),
        ("demo_member", "GET /deployables", Ok, Forbidden),
        ("demo_member", $"POST {Profiles}", Forbidden, Forbidden),
        ("demo_manager", $"POST {Arqs}", Created, Created),
        ("demo_manager", "GET /devices", Ok, Ok),
        ("demo_manager", "GET /deployables", Ok, Ok),
        ("demo_manager", "GET /attributes", Ok, Ok),
        ("demo_manager", $"POST {Profiles}", Forbidden, Forbidden),
        ("alt_member", $"POST {Arqs}", Created, Created),
        ("admin", "GET /attributes", Ok, Ok),
        ("admin", $"POST {Profiles}", Created, Created),
        ("admin", $"POST {Arqs}", Created, Created),
        ("nova", $"POST {Arqs}", Created, Created),
    ];

    [Fact]
    public async Task Each_user_may_do_what_the_policy_allows_and_no_more()
    {
        await using var profile = await Profile.CreateAsync(Cloud.As("admin"), Stop);
        List<string> wrong = [];
        foreach (var (name, question, old, @new) in s_table)
        {
            var (user, words, wanted) = (Cloud.As(name), question.Split(' '), Cloud.EnforcesNewDefaults ? @new : old);
            JsonNode? body = question switch
            {
                $"POST {Arqs}" => new JsonObject { ["device_profile_name"] = profile.Name },
                $"POST {Profiles}" => new JsonArray(new JsonObject { ["name"] = $"e2e-{Guid.NewGuid():N}", ["groups"] = Profile.Groups }),
                _ => null,
            };
            var answer = await user.AskAsync("accelerator", new HttpMethod(words[0]), words[1], body, Stop);
            if (answer.Status != wanted) wrong.Add($"{name}: {(int)wanted} expected: {answer}");
            if (answer.Status == Created) await TakeAwayAsync(user, answer.Json);
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task A_tenant_neither_sees_nor_deletes_what_is_anothers()
    {
        await using var profile = await Profile.CreateAsync(Cloud.As("admin"), Stop);
        var arq = await profile.RequestAsync(Cloud.As("demo_member"), Stop);
        var stranger = Cloud.As("alt_member");
        Assert.DoesNotContain(arq, (await stranger.GetAsync("accelerator", Arqs, Stop)).ToJsonString(), StringComparison.Ordinal);
        (await stranger.AskAsync("accelerator", HttpMethod.Get, $"{Arqs}/{arq}", null, Stop)).Expect(HttpStatusCode.NotFound);
        (await stranger.AskAsync("accelerator", HttpMethod.Delete, $"{Arqs}?arqs={arq}", null, Stop)).Expect(HttpStatusCode.NotFound);

        Assert.Contains(arq, (await Cloud.As("demo_reader").GetAsync("accelerator", Arqs, Stop)).ToJsonString(), StringComparison.Ordinal);
        Assert.Contains(arq, (await Cloud.As("admin").GetAsync("accelerator", Arqs, Stop)).ToJsonString(), StringComparison.Ordinal);
        (await Cloud.As("demo_member").AskAsync("accelerator", HttpMethod.Delete, $"{Arqs}?arqs={arq}", null, Stop)).Expect(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Unscoped_domain_and_system_tokens_do_nothing()
    {
        var admin = Cloud.As("admin");
        foreach (var scope in (Scope[])[Scope.None, Scope.Domain, Scope.System])
        {
            var token = await admin.NewTokenAsync(scope, Stop);
            foreach (var path in (string[])[Profiles, Arqs, "/devices"])
                (await AskAsync(token, path)).Expect(Forbidden);
        }
    }

    [Fact]
    public async Task A_revoked_token_is_refused()
    {
        var user = Cloud.As("demo_member");
        var (fresh, used) = (await user.NewTokenAsync(Scope.Project, Stop), await user.NewTokenAsync(Scope.Project, Stop));
        (await AskAsync(used, Profiles)).Expect(Ok);
        await user.RevokeAsync(used, Stop);
        await user.RevokeAsync(fresh, Stop);
        (await AskAsync(fresh, Profiles)).Expect(HttpStatusCode.Unauthorized);
        // The API may believe what it has heard before for as long as the operator says.
        await Eventually.IsAsync("the token that was used before it was revoked is refused", Services.TokenCacheTime + TimeSpan.FromMinutes(1),
            _ => AskAsync(used, Profiles), answer => answer.Status == HttpStatusCode.Unauthorized, Stop);
    }

    [Fact]
    public async Task A_token_is_refused_once_it_has_expired()
    {
        var token = await Cloud.As("demo_member").ShortLivedTokenAsync(TimeSpan.FromSeconds(30), Stop);
        (await AskAsync(token, Profiles)).Expect(Ok);
        await Eventually.IsAsync("the expired token is refused", TimeSpan.FromMinutes(2),
            _ => AskAsync(token, Profiles), answer => answer.Status == HttpStatusCode.Unauthorized, Stop);
    }

    [Fact]
    public async Task Binding_takes_the_token_of_a_service()
    {
        var member = Cloud.As("demo_member");
        await using var profile = await Profile.CreateAsync(Cloud.As("admin"), Stop);
        var (arq, instance) = (await profile.RequestAsync(member, Stop), Guid.NewGuid());
        var provider = (string)(await Cloud.As("admin").GetAsync("accelerator", "/deployables", Stop))["deployables"]![0]!["rp_uuid"]!;
        Task<Answer> BindAsync(params (string, string)[] headers) => member.AskAsync("accelerator", HttpMethod.Patch, Arqs, new JsonObject
        {
            [arq] = new JsonArray(Add("hostname", Services.Compute), Add("device_rp_uuid", provider), Add("instance_uuid", $"{instance}")),
        }, Stop, headers);

        Assert.Contains("requires a service token", (await BindAsync()).Expect(Forbidden).Text, StringComparison.Ordinal);
        // Neither a user's own token nor no token at all is a service's.
        (await BindAsync(("X-Service-Token", await member.TokenAsync(Stop)))).Expect(HttpStatusCode.Unauthorized, Forbidden);
        (await BindAsync(("X-Service-Token", "no-token-at-all"))).Expect(HttpStatusCode.Unauthorized);
        var nova = ("X-Service-Token", await Cloud.As("nova").TokenAsync(Stop));
        (await BindAsync(nova)).Expect(HttpStatusCode.Accepted);
        Assert.Equal("Bound", (string)(await member.GetAsync("accelerator", $"{Arqs}/{arq}", Stop))["state"]!);

        (await member.AskAsync("accelerator", HttpMethod.Delete, $"{Arqs}?instance={instance}", null, Stop)).Expect(Forbidden);
        (await member.AskAsync("accelerator", HttpMethod.Delete, $"{Arqs}?arqs={arq}", null, Stop)).Expect(Forbidden);
        var cyborg = ("X-Service-Token", await Cloud.As("cyborg").TokenAsync(Stop));
        (await member.AskAsync("accelerator", HttpMethod.Delete, $"{Arqs}?instance={instance}", null, Stop, cyborg)).Expect(HttpStatusCode.NoContent);
        (await member.AskAsync("accelerator", HttpMethod.Get, $"{Arqs}/{arq}", null, Stop)).Expect(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task While_Keystone_is_away_nobody_new_gets_in_and_then_everybody_does()
    {
        var user = Cloud.As("demo_member");
        var token = await user.NewTokenAsync(Scope.Project, Stop);
        await Cloud.Lab.StopAsync("keystone", Stop);
        try
        {
            (await AskAsync(token, Profiles)).Expect(HttpStatusCode.ServiceUnavailable);
            await WithoutKeystoneAsync();
        }
        finally
        {
            await Cloud.Lab.UpAsync(Stop);
        }
        await Eventually.IsAsync("the token is believed", TimeSpan.FromMinutes(3), _ => AskAsync(token, Profiles), answer => answer.Status == Ok, Stop);
    }

    /// <summary>What else is so while Keystone is away.</summary>
    private protected virtual Task WithoutKeystoneAsync() => Task.CompletedTask;

    /// <summary>Asks with any token.</summary>
    private protected async Task<Answer> AskAsync(string token, string path) =>
        await Cloud.Rest.AskAsync(HttpMethod.Get, await Cloud.Admin.EndpointAsync("accelerator", Stop) + path, null, [("X-Auth-Token", token)], Stop);

    private static async Task TakeAwayAsync(User owner, JsonNode made)
    {
        var (path, uuid) = made["arqs"] is { } arqs ? (Arqs, arqs[0]!["uuid"]) : (Profiles, made["uuid"]);
        (await owner.AskAsync("accelerator", HttpMethod.Delete, $"{path}/{(string)uuid!}", null, Stop)).Expect(HttpStatusCode.NoContent);
    }

    private static JsonObject Add(string name, string value) => new() { ["path"] = $"/{name}", ["op"] = "add", ["value"] = value };
}
