using System.Text.Json.Nodes;
using Cyborg.TestServers;

namespace Cyborg.Cli.Tests;

/// <summary>From the log-in to the call: Keystone's catalog, tokens, and what a version in an address is worth.</summary>
public sealed class LoginTests : IDisposable
{
    private readonly FakeApi _api = new FakeApi().Answers("GET", "/accelerator/v1/services", 200, Samples.Services);
    private readonly Cli _cli = new();

    public void Dispose()
    {
        _cli.Dispose();
        _api.Dispose();
    }

    [Fact]
    public async Task The_catalogs_endpoint_is_called_with_a_token_whatever_version_it_names()
    {
        await using var keystone = Keystone("/accelerator/v2");
        Assert.Equal("rack-7\n", await _cli.DoAsync("service-list", "-f", "value", "-c", "host"));
        Assert.Equal("GET /accelerator/v1/services", Assert.Single(_api.Asked));
        Assert.Equal(keystone.ServiceTokens, _api.Headers("X-Auth-Token"));
    }

    [Fact]
    public async Task An_endpoint_that_is_named_wins_over_the_catalogs()
    {
        await using var keystone = Keystone("/nowhere");
        Assert.Equal("rack-7\n", await _cli.DoAsync("service-list", "-f", "value", "-c", "host", "--os-endpoint", $"{_api.Url}/accelerator/v2.3/"));
        Assert.NotNull(Assert.Single(_api.Headers("X-Auth-Token")));
    }

    [Fact]
    public async Task A_wrong_password_is_told_without_it()
    {
        await using var keystone = Keystone("/accelerator");
        _cli.Variables["OS_PASSWORD"] = "sesame-street";
        var line = await _cli.FailAsync(1, "service-list");
        Assert.StartsWith("Keystone refuses the log-in: check the user's name", line, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", line, StringComparison.Ordinal);
        Assert.Empty(_api.Asked);
    }

    [Theory]
    [InlineData("--os-region-name", "Mars", "The catalog has no endpoint of accelerator with interface public in region Mars. Choose with --os-region-name")]
    [InlineData("--os-auth-url", "http://127.0.0.1:1", "127.0.0.1:1 cannot be called")]
    public async Task A_place_that_there_is_not_is_named(string flag, string value, string says)
    {
        await using var keystone = Keystone("/accelerator");
        Assert.StartsWith(says, await _cli.FailAsync(1, "service-list", flag, value), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cloud_without_cyborg_says_so()
    {
        await using var keystone = Keystone(null);
        Assert.StartsWith("The catalog has no endpoint of accelerator", await _cli.FailAsync(1, "service-list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keystone_in_trouble_is_not_a_wrong_password()
    {
        await using var keystone = Keystone("/accelerator");
        keystone.Logins = KeystoneTrouble.Answers(503);
        Assert.Contains("503", await _cli.FailAsync(1, "service-list"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"methods":["token"],"token":{"id":"sesame"}}""", "{\"project\":{\"name\":\"p\",\"domain\":{\"id\":\"default\"}}}", "OS_TOKEN=sesame", "OS_PROJECT_NAME=p")]
    [InlineData("""{"methods":["application_credential"],"application_credential":{"secret":"sesame","id":"i"}}""", null, "OS_APPLICATION_CREDENTIAL_ID=i", "OS_APPLICATION_CREDENTIAL_SECRET=sesame")]
    [InlineData(
        """{"methods":["password"],"password":{"user":{"name":"u","domain":{"name":"D"},"password":"sesame"}}}""", "{\"system\":{\"all\":true}}",
        "OS_USERNAME=u", "OS_USER_DOMAIN_NAME=D", "OS_PASSWORD=sesame", "OS_SYSTEM_SCOPE=all")]
    public async Task Each_way_to_log_in_is_what_keystone_expects(string identity, string? scope, params string[] variables)
    {
        var catalog = $$$"""{"token": {"expires_at": "2999-01-01T00:00:00Z", "catalog": [{"type": "accelerator", "endpoints": [{"interface": "public", "region": "R", "url": "{{{_api.Url}}}/accelerator"}]}]}}""";
        _api.Answers("POST", "/v3/auth/tokens", 201, catalog, headers: ("X-Subject-Token", "a-token"));
        _cli.Variables["OS_AUTH_URL"] = _api.Url;
        foreach (var variable in variables)
            _cli.Variables[variable.Split('=')[0]] = variable.Split('=')[1];
        await _cli.DoAsync("service-list");
        var auth = JsonNode.Parse(_api.Asked.First(asked => asked.StartsWith("POST", StringComparison.Ordinal))["POST /v3/auth/tokens ".Length..])!["auth"]!;
        Assert.Equal((identity, scope), (auth["identity"]!.ToJsonString(), auth["scope"]?.ToJsonString()));
        Assert.Equal("a-token", _api.Headers("X-Auth-Token")[^1]);
    }

    [Fact]
    public async Task A_token_and_an_address_need_no_keystone()
    {
        _cli.Variables["OS_TOKEN"] = "mine";
        _cli.Variables["OS_ENDPOINT_OVERRIDE"] = $"{_api.Url}/accelerator";
        await _cli.DoAsync("service-list");
        Assert.Equal(["mine"], _api.Headers("X-Auth-Token"));
    }

    private WireMockKeystone Keystone(string? path)
    {
        var keystone = WireMockKeystone.Start();
        if (path is not null)
            keystone.AddService("accelerator", _api.Url + path);
        _cli.Write("clouds.yaml", $$"""
            clouds:
              lab:
                auth: {auth_url: "{{keystone.Url}}", username: {{WireMockKeystone.User}}, password: {{keystone.Password}}, user_domain_name: Default, project_name: service, project_domain_name: Default}
            """);
        // Set by a test that wants a wrong one: the variables are then the cloud.
        foreach (var (name, value) in new[] { ("AUTH_URL", keystone.Url), ("USERNAME", WireMockKeystone.User), ("PASSWORD", keystone.Password), ("PROJECT_NAME", "service") })
            _cli.Variables["OS_" + name] = value;
        return keystone;
    }
}
