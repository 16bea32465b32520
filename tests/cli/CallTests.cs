namespace Cyborg.Cli.Tests;

/// <summary>What each verb sends.</summary>
public sealed class CallTests : IDisposable
{
    private const string Checksum = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private readonly FakeApi _api = new();
    private readonly Cli _cli;

    public CallTests()
    {
        _cli = Cli.At(_api.Url);
        _api.Answers("GET", "/v1/accelerators", 200, Samples.List());
        _api.Answers("GET", "/v1/drivers", 200, Samples.Drivers);
        _api.Answers("GET", "/v1/services", 200, Samples.Services);
        _api.Answers("POST", "/v1/services/discover", 200, Samples.Services);
        _api.Answers("POST", "/v1/accelerators", 201);
        _api.Answers("POST", "/v1/drivers", 201, """{"id": "d", "hosts": [{"host": "h", "version": "1.0.0", "packaged": true, "state": "active", "state_reason": null, "backends": []}]}""");
        _api.Answers("PUT", "/v1/drivers/d", 200, """{"id": "d", "hosts": [{"host": "h", "version": "2.0.0", "packaged": true, "state": "active", "state_reason": null, "backends": []}]}""");
        _api.Answers("DELETE", "/v1/drivers/d", 204);
        _api.Answers("POST", $"/v1/instances/{Samples.Server}/attach", 200, Samples.Accelerator(state: "attached", attachInfo: Samples.Attachment()));
        _api.Answers("POST", $"/v1/instances/{Samples.Server}/detach", 204);
        foreach (var uuid in new[] { Samples.First, Samples.Second })
        {
            _api.Answers("GET", $"/v1/accelerators/{uuid}", 200, Samples.Accelerator(uuid));
            _api.Answers("PUT", $"/v1/accelerators/{uuid}", 200, Samples.Accelerator(uuid));
            _api.Answers("DELETE", $"/v1/accelerators/{uuid}", 204);
            _api.Answers("GET", $"/v1/accelerators/{uuid}/usage", 200, """{"usage": {"a": 1}, "measured_at": null, "unknown_since": null}""");
        }
    }

    public void Dispose()
    {
        _cli.Dispose();
        _api.Dispose();
    }

    [Theory]
    [InlineData("GET /v1/drivers?host=a%20b%26c", "driver-list", "--host", "a b&c")]
    [InlineData("""POST /v1/drivers {"driver_id":"d"}""", "install-driver", "d")]
    [InlineData($$"""POST /v1/drivers {"version":"1.0.0","checksum":"{{Checksum}}","host":"h","driver_id":"d"}""", "install-driver", "d", "--version", "1.0.0", "--checksum", Checksum, "--host", "h")]
    [InlineData("""PUT /v1/drivers/d {"version":"2.0.0"}""", "update-driver", "d", "--version", "2.0.0")]
    [InlineData("DELETE /v1/drivers/d", "uninstall-driver", "d")]
    [InlineData("DELETE /v1/drivers/d?host=h", "uninstall-driver", "d", "--host", "h")]
    [InlineData("GET /v1/services?host=h", "service-list", "--host", "h")]
    [InlineData("POST /v1/services/discover", "discover-services")]
    [InlineData("POST /v1/services/discover?host=h", "discover-services", "--host", "h")]
    [InlineData(
        "GET /v1/accelerators?name=n&state=ready&host=h&backend=b&driver=d&device_type=GPU&acc_type=crypto&vendor_id=0x1&remote=0&resource_provider_uuid=u&marker=m&limit=7",
        "accelerator-list", "--name", "n", "--state", "ready", "--host", "h", "--backend", "b", "--driver", "d", "--device-type", "GPU", "--acc-type", "crypto", "--vendor-id", "0x1",
        "--remote", "false", "--resource-provider", "u", "--marker", "m", "--limit", "7")]
    [InlineData("GET /v1/accelerators?remote=1", "accelerator-list", "--remote")]
    [InlineData($"GET /v1/accelerators/{Samples.First}", "accelerator-show", "11111111111141118111111111111111")]
    [InlineData("GET /v1/accelerators?name=one&limit=1", "accelerator-show", "one")]
    [InlineData($$"""POST /v1/accelerators {"name":"n","uuid":"{{Samples.First}}"}""", "accelerator-create", "n", "--uuid", Samples.First)]
    [InlineData(
        $$$"""POST /v1/accelerators {"name":"n","uuid":"{{{Samples.First}}}","acc_specs":{"remote":1,"num":2,"device_type":"GPU","acc_capability":{"a":1.50,"b":"ü"}},"host":"h","backend":"b"}""",
        "accelerator-create", "n", "--uuid", Samples.First, "--remote", "--num", "2", "--device-type", "GPU", "--capability", """{"a": 1.50, "b": "ü"}""", "--host", "h", "--backend", "b")]
    [InlineData($$$"""PUT /v1/accelerators/{{{Samples.First}}} {"acc_specs":{"remote":0}}""", "accelerator-update", Samples.First, "--remote", "false")]
    [InlineData($$"""PUT /v1/accelerators/{{Samples.First}} {"state":"ready"}""", "accelerator-ready", "one")]
    [InlineData($$"""PUT /v1/accelerators/{{Samples.First}} {"name":"one"}""", "accelerator-attach", "one")]
    [InlineData($$$"""PUT /v1/accelerators/{{{Samples.First}}} {"name":"one","target":{"type":"host","id":"h"}}""", "accelerator-attach", "one", "--host", "h")]
    [InlineData($"DELETE /v1/accelerators/{Samples.First}", "accelerator-detach", "one")]
    [InlineData($"DELETE /v1/accelerators/{Samples.First}?host=h", "accelerator-detach", "one", "--host", "h")]
    [InlineData($"DELETE /v1/accelerators/{Samples.First}?deprovision=true", "accelerator-delete", "one")]
    [InlineData($$"""POST /v1/instances/{{Samples.Server}}/attach {}""", "attach-instance", Samples.Server)]
    [InlineData($$"""POST /v1/instances/{{Samples.Server}}/attach {"accelerator":"{{Samples.First}}"}""", "attach-instance", Samples.Server, "--accelerator", "one")]
    [InlineData($$"""POST /v1/instances/{{Samples.Server}}/attach {"device_profile":"p"}""", "attach-instance", Samples.Server, "--device-profile", "p", "--wait")]
    [InlineData($$"""POST /v1/instances/{{Samples.Server}}/detach {}""", "detach-instance", Samples.Server)]
    [InlineData($$"""POST /v1/instances/{{Samples.Server}}/detach {"accelerator":"{{Samples.First}}"}""", "detach-instance", Samples.Server, "--accelerator", Samples.First)]
    [InlineData($"GET /v1/accelerators/{Samples.First}/usage", "usage", "one")]
    [InlineData("GET /v1/accelerators?host=h", "usage", "--host", "h")]
    public async Task A_verb_sends(string request, params string[] arguments)
    {
        await _cli.DoAsync(arguments);
        Assert.Contains(request, _api.Asked);
        Assert.All(_api.Headers("OpenStack-API-Version"), version => Assert.Equal("accelerator 1.1", version));
        Assert.All(_api.Headers("X-Auth-Token"), Assert.Null);
    }

    [Fact]
    public async Task A_change_of_a_generation_goes_with_if_match()
    {
        await _cli.DoAsync("accelerator-update", Samples.First, "--num", "3", "--if-generation", "17");
        Assert.Contains("\"17\"", _api.Headers("If-Match"));
    }

    [Fact]
    public async Task Capabilities_come_from_a_file_too()
    {
        _cli.Write("capability.json", """{"deep": {"er": [1]}}""");
        await _cli.DoAsync("accelerator-update", Samples.First, "--capability", "@capability.json");
        Assert.Contains($"PUT /v1/accelerators/{Samples.First} " + """{"acc_specs":{"acc_capability":{"deep":{"er":[1]}}}}""", _api.Asked);
    }

    [Fact]
    public async Task A_new_accelerator_gets_a_uuid_of_the_programs_choice()
    {
        await _cli.FailAsync(1, "accelerator-create", "n");
        var first = Assert.Single(_api.Asked, asked => asked.StartsWith("POST", StringComparison.Ordinal));
        Assert.Matches("""^POST /v1/accelerators \{"name":"n","uuid":"[0-9a-f-]{36}"\}$""", first);
    }

    [Fact]
    public async Task A_list_follows_its_pages_to_the_end_or_the_limit()
    {
        using var pages = new FakeApi();
        string Page(string uuid, bool more) =>
            $$"""{"accelerator": [{{Samples.Accelerator(uuid)}}]{{(more ? """, "accelerator_links": [{"rel": "next", "href": "http://elsewhere/v1/accelerators?marker=x"}]""" : "")}}}""";
        pages.Answers("GET", "/v1/accelerators", 200, Page(Samples.First, more: true));
        pages.Answers("GET", $"/v1/accelerators?marker={Samples.First}", 200, Page(Samples.Second, more: false));
        using var other = Cli.At(pages.Url);
        Assert.Equal($"{Samples.First}\n{Samples.Second}\n", await other.DoAsync("accelerator-list", "--state", "ready", "-f", "value", "-c", "uuid"));
        Assert.Equal(["GET /v1/accelerators?state=ready", $"GET /v1/accelerators?state=ready&marker={Samples.First}"], pages.Asked);
        Assert.Equal($"{Samples.First}\n", await other.DoAsync("accelerator-list", "--limit", "1", "-f", "value", "-c", "uuid"));
    }

    [Fact]
    public async Task Hosts_that_did_not_answer_a_discovery_are_named_and_the_others_shown()
    {
        using var half = new FakeApi();
        half.Answers("POST", "/v1/services/discover", 200, """
            {"services": [{"host": "a", "driver": "d", "backend": "b", "function": "f", "state": "up", "state_reason": null, "accelerators": 1}],
             "silent_hosts": [{"host": "b", "reason": "No answer came in time."}]}
            """);
        using var other = Cli.At(half.Url);
        var (code, output, error) = await other.RunAsync("discover-services", "-f", "value", "-c", "host");
        Assert.Equal((1, "a\n", "cyborg: host b did not answer: No answer came in time.\n"), (code, output, error));
    }

    [Fact]
    public void Every_verb_is_called_above()
    {
        var called = typeof(CallTests).GetMethod(nameof(A_verb_sends))!.CustomAttributes
            .Where(attribute => attribute.AttributeType == typeof(InlineDataAttribute))
            .Select(attribute => (string)((IReadOnlyList<System.Reflection.CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!)[1].Value!);
        Assert.Empty(VerbTable.OfService.Select(make => make().Finish().Name).Except(called));
    }
}
