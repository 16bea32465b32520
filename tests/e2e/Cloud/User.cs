using System.Net;
using System.Text.Json.Nodes;

namespace Cyborg.E2E.Tests;

/// <summary>What a token is good for.</summary>
internal enum Scope
{
    /// <summary>The user's project.</summary>
    Project,
    /// <summary>Nothing.</summary>
    None,
    /// <summary>The user's domain.</summary>
    Domain,
    /// <summary>The whole cloud.</summary>
    System,
}

/// <summary>Somebody who can log in with a password: what <c>OS_*</c> variables say.</summary>
internal sealed class User(Rest rest, IReadOnlyDictionary<string, string> environment)
{
    /// <summary>Stands for a type of service: version 1 of the accelerator service, at the address of the one that the catalog has.</summary>
    public const string AcceleratorV1 = "accelerator v1";

    private (string Token, JsonNode Body)? _login;

    public string Name => environment["OS_USERNAME"];

    /// <summary>The variables, for clients on the command line.</summary>
    public IReadOnlyDictionary<string, string> Environment => environment;

    /// <summary>Keystone, <c>http://HOST/v3</c>.</summary>
    public string AuthUrl => environment["OS_AUTH_URL"].TrimEnd('/') is var url && url.EndsWith("/v3", StringComparison.Ordinal) ? url : $"{url}/v3";

    /// <summary>A token for the user's project, the same one each time.</summary>
    public async Task<string> TokenAsync(CancellationToken stop) => (await LoginAsync(stop)).Token;

    /// <summary>What Keystone says of that token.</summary>
    public async Task<JsonNode> TokenBodyAsync(CancellationToken stop) => (await LoginAsync(stop)).Body;

    /// <summary>The endpoint of a service that the catalog names.</summary>
    public async Task<string> EndpointAsync(string service, CancellationToken stop)
    {
        var (@interface, region) = (environment.GetValueOrDefault("OS_INTERFACE", "public"), environment.GetValueOrDefault("OS_REGION_NAME"));
        var catalog = (await TokenBodyAsync(stop))["catalog"]!.AsArray();
        var endpoints = from entry in catalog
                        where (string?)entry!["type"] == service
                        from endpoint in entry["endpoints"]!.AsArray()
                        where (string?)endpoint!["interface"] == @interface && (region is null || (string?)endpoint["region"] == region)
                        select (string)endpoint["url"]!;
        return endpoints.FirstOrDefault()?.TrimEnd('/') ?? throw new InvalidOperationException($"the catalog has no {@interface} endpoint of type {service}");
    }

    /// <summary>A new token.</summary>
    public async Task<string> NewTokenAsync(Scope scope, CancellationToken stop) => (await NewLoginAsync(scope, stop)).Token;

    /// <summary>Asks a service of the catalog with this user's token.</summary>
    /// <param name="service">Its type.</param>
    /// <param name="method">The method.</param>
    /// <param name="path">Path behind the endpoint, with its slash.</param>
    /// <param name="body">The body; null for none.</param>
    /// <param name="stop">Gives up.</param>
    /// <param name="headers">More headers.</param>
    public async Task<Answer> AskAsync(
        string service, HttpMethod method, string path, JsonNode? body, CancellationToken stop, params IEnumerable<(string, string)> headers)
    {
        var address = service switch
        {
            "identity" => AuthUrl,
            AcceleratorV1 => (await EndpointAsync("accelerator", stop)) is var url && url.EndsWith("/v2", StringComparison.Ordinal) ? $"{url[..^3]}/v1" : $"{url}/v1",
            _ => await EndpointAsync(service, stop),
        };
        return await rest.AskAsync(method, address + path, body, [.. Versions(service), ("X-Auth-Token", await TokenAsync(stop)), .. headers], stop);
    }

    /// <summary>Asks for something that is there.</summary>
    public async Task<JsonNode> GetAsync(string service, string path, CancellationToken stop) =>
        (await AskAsync(service, HttpMethod.Get, path, null, stop)).Expect(HttpStatusCode.OK).Json;

    /// <summary>Ends a token before its time.</summary>
    public async Task RevokeAsync(string token, CancellationToken stop) =>
        (await AskAsync("identity", HttpMethod.Delete, "/auth/tokens", null, stop, ("X-Subject-Token", token))).Expect(HttpStatusCode.NoContent);

    /// <summary>A token that dies in some seconds, from an application credential that does.</summary>
    public async Task<string> ShortLivedTokenAsync(TimeSpan life, CancellationToken stop)
    {
        var user = (string)(await TokenBodyAsync(stop))["user"]!["id"]!;
        var end = DateTime.UtcNow + life;
        var made = (await AskAsync("identity", HttpMethod.Post, $"/users/{user}/application_credentials", new JsonObject
        {
            ["application_credential"] = new JsonObject { ["name"] = $"e2e-{Guid.NewGuid():N}", ["expires_at"] = $"{end:yyyy-MM-ddTHH:mm:ss.ffffff}" },
        }, stop)).Expect(HttpStatusCode.Created).Json["application_credential"]!;
        return (await LogInAsync("application_credential", new JsonObject { ["id"] = (string)made["id"]!, ["secret"] = (string)made["secret"]! }, null, stop)).Token;
    }

    private async Task<(string Token, JsonNode Body)> LoginAsync(CancellationToken stop)
    {
        // Two at once log in twice, which does no harm.
        _login ??= await NewLoginAsync(Scope.Project, stop);
        return _login.Value;
    }

    private Task<(string Token, JsonNode Body)> NewLoginAsync(Scope scope, CancellationToken stop)
    {
        var password = new JsonObject
        {
            ["user"] = new JsonObject
            {
                ["name"] = Name,
                ["password"] = environment["OS_PASSWORD"],
                ["domain"] = new JsonObject { ["name"] = environment.GetValueOrDefault("OS_USER_DOMAIN_NAME", "Default") },
            },
        };
        JsonObject Domain() => new() { ["name"] = environment.GetValueOrDefault("OS_PROJECT_DOMAIN_NAME", "Default") };
        return LogInAsync("password", password, scope switch
        {
            Scope.Project => new JsonObject { ["project"] = new JsonObject { ["name"] = environment["OS_PROJECT_NAME"], ["domain"] = Domain() } },
            Scope.Domain => new JsonObject { ["domain"] = Domain() },
            Scope.System => new JsonObject { ["system"] = new JsonObject { ["all"] = true } },
            _ => JsonValue.Create("unscoped"),
        }, stop);
    }

    private async Task<(string Token, JsonNode Body)> LogInAsync(string method, JsonObject proof, JsonNode? scope, CancellationToken stop)
    {
        var auth = new JsonObject { ["identity"] = new JsonObject { ["methods"] = new JsonArray(method), [method] = proof } };
        if (scope is not null) auth["scope"] = scope;
        var answer = (await rest.AskAsync(HttpMethod.Post, $"{AuthUrl}/auth/tokens", new JsonObject { ["auth"] = auth }, [], stop)).Expect(HttpStatusCode.Created);
        return (answer.Headers.GetValues("X-Subject-Token").Single(), answer.Json["token"]!);
    }

    private static IEnumerable<(string, string)> Versions(string service) => service switch
    {
        "accelerator" => [("OpenStack-API-Version", "accelerator 2.3")],
        AcceleratorV1 => [("OpenStack-API-Version", "accelerator 1.1")],
        "compute" => [("OpenStack-API-Version", "compute 2.90")],
        "placement" => [("OpenStack-API-Version", "placement 1.36")],
        _ => [],
    };
}
