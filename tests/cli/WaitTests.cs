using System.Text.Json.Nodes;

namespace Cyborg.Cli.Tests;

/// <summary>Work that outlasts its request: 504 is no failure.</summary>
public sealed class WaitTests : IDisposable
{
    private static readonly string GoesOn = FakeApi.Fault("It goes on.");
    private readonly FakeApi _api = new();
    private readonly Cli _cli;

    public WaitTests() => _cli = Cli.At(_api.Url);

    private static string Path => $"/v1/accelerators/{Samples.First}";

    public void Dispose()
    {
        _cli.Dispose();
        _api.Dispose();
    }

    [Theory]
    [InlineData("accelerator-attach", "PUT")]
    [InlineData("accelerator-detach", "DELETE")]
    [InlineData("accelerator-delete", "DELETE")]
    public async Task Without_wait_what_goes_on_is_exit_code_3(string verb, string method)
    {
        _api.Answers("GET", Path, 200, Samples.Accelerator());
        _api.Answers(method, Path, 504, GoesOn);
        Assert.Equal("It goes on (504); with --wait this would wait for it", await _cli.FailAsync(3, verb, Samples.First));
    }

    [Fact]
    public async Task An_attach_is_repeated_until_it_is_done()
    {
        _api.Answers("GET", Path, 200, Samples.Accelerator());
        _api.AnswersInTurn("PUT", Path, (504, GoesOn), (504, GoesOn), (200, Samples.Accelerator(state: "attached", attachInfo: Samples.Attachment())));
        Assert.Equal("attached\n", await _cli.DoAsync("accelerator-attach", Samples.First, "--instance", Samples.Server, "--wait", "-f", "value", "-c", "state"));
        var put = $"PUT {Path} " + $$$"""{"name":"one","target":{"type":"instance","id":"{{{Samples.Server}}}"}}""";
        Assert.Equal([$"GET {Path}", put, put, put], _api.Asked);
    }

    [Fact]
    public async Task An_attach_that_is_refused_in_the_end_says_why()
    {
        _api.Answers("GET", Path, 200, Samples.Accelerator());
        _api.AnswersInTurn("PUT", Path, (504, GoesOn), (502, FakeApi.Fault("Nova says no")));
        Assert.Equal("Nova says no (502)", await _cli.FailAsync(1, "accelerator-attach", Samples.First, "--wait"));
    }

    [Fact]
    public async Task A_wait_ends_with_exit_code_3()
    {
        _api.Answers("GET", Path, 200, Samples.Accelerator());
        _api.Answers("PUT", Path, 504, GoesOn);
        // A minute, which each call really has, is over for who waits after some dozen looks at the clock.
        using var hasty = Cli.At(_api.Url, new HastyTime());
        Assert.Equal(
            $"accelerator {Samples.First} is being attached still, after 60 s; it goes on",
            await hasty.FailAsync(3, "accelerator-attach", Samples.First, "--wait", "--timeout", "60"));
        Assert.InRange(_api.Asked.Count(asked => asked.StartsWith("PUT", StringComparison.Ordinal)), 2, 60);
    }

    [Fact]
    public async Task A_detach_is_followed_in_attach_info()
    {
        _api.AnswersInTurn(
            "GET", Path, (200, Samples.Accelerator(attachInfo: Samples.Attachment())), (200, Samples.Accelerator(attachInfo: Samples.Attachment("detaching"))), (200, Samples.Accelerator()));
        _api.Answers("DELETE", Path, 504, GoesOn);
        Assert.Equal("", await _cli.DoAsync("accelerator-detach", Samples.First, "--instance", Samples.Server, "--wait"));
        Assert.Equal([$"GET {Path}", $"DELETE {Path}?instance={Samples.Server}", $"GET {Path}", $"GET {Path}"], _api.Asked);
    }

    [Fact]
    public async Task What_is_taken_away_is_followed_until_it_is_gone()
    {
        _api.AnswersInTurn("GET", Path, (200, Samples.Accelerator()), (200, Samples.Accelerator(state: "deleting")), (404, FakeApi.Fault("gone")));
        _api.Answers("DELETE", $"{Path}?deprovision=true", 504, GoesOn);
        Assert.Equal("", await _cli.DoAsync("accelerator-delete", Samples.First, "--wait"));
    }

    [Fact]
    public async Task What_is_made_is_followed_by_the_uuid_that_was_asked_for()
    {
        _api.Answers("POST", "/v1/accelerators", 504, GoesOn);
        _api.AnswersInTurn("GET", Path, (200, Samples.Accelerator(state: "creating")), (200, Samples.Accelerator(state: "inactive")));
        Assert.Equal("inactive\n", await _cli.DoAsync("accelerator-create", "one", "--uuid", Samples.First, "--wait", "-f", "value", "-c", "state"));
    }

    [Fact]
    public async Task What_is_made_without_wait_tells_its_uuid()
    {
        _api.Answers("POST", "/v1/accelerators", 504, GoesOn);
        Assert.Contains($"accelerator {Samples.First}", await _cli.FailAsync(3, "accelerator-create", "one", "--uuid", Samples.First), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("error", 1)]
    [InlineData("ready", 0)]
    [InlineData("attached", 0)]
    public async Task Ready_waits_for_the_install(string state, int code)
    {
        _api.Answers("PUT", Path, 200, Samples.Accelerator(state: "installing"));
        _api.AnswersInTurn(
            "GET", Path, (200, Samples.Accelerator(state: "inactive")), (200, Samples.Accelerator(state: "installing")), (200, Samples.Accelerator(state: state, reason: "\"the fan\"")));
        var result = await _cli.RunAsync("accelerator-ready", Samples.First, "--wait", "-f", "value", "-c", "state");
        Assert.Equal((code, code == 0 ? state + "\n" : "", code == 0 ? "" : $"cyborg: accelerator {Samples.First} is in error: the fan\n"), (result.Code, result.Output, result.Error));
    }

    [Fact]
    public async Task Inactive_waits_for_inactive()
    {
        _api.Answers("PUT", Path, 200, Samples.Accelerator());
        _api.AnswersInTurn("GET", Path, (200, Samples.Accelerator()), (200, Samples.Accelerator()), (200, Samples.Accelerator(state: "inactive")));
        Assert.Equal("inactive\n", await _cli.DoAsync("accelerator-ready", Samples.First, "--inactive", "--wait", "-f", "value", "-c", "state"));
        Assert.Contains($$"""PUT {{Path}} {"state":"inactive"}""", _api.Asked);
    }

    [Fact]
    public async Task Without_a_named_accelerator_the_one_that_the_server_gets_is_found()
    {
        var path = $"/v1/instances/{Samples.Server}/attach";
        _api.Answers("POST", path, 504, GoesOn);
        string Both(string state) => new JsonObject
        {
            ["accelerator"] = new JsonArray(JsonNode.Parse(Samples.Accelerator(attachInfo: Samples.Attachment())), JsonNode.Parse(Samples.Accelerator(Samples.Second, attachInfo: state))),
        }.ToJsonString();
        _api.AnswersInTurn("GET", "/v1/accelerators", (200, Both("[]")), (200, Both(Samples.Attachment("attaching"))), (200, Both(Samples.Attachment())));
        Assert.Equal(Samples.Second + "\n", await _cli.DoAsync("attach-instance", Samples.Server, "--device-profile", "fast", "--wait", "-f", "value", "-c", "uuid"));
        Assert.Single(_api.Asked, asked => asked == $$"""POST {{path}} {"device_profile":"fast"}""");
    }

    [Fact]
    public async Task Without_a_named_accelerator_what_was_undone_is_told()
    {
        _api.Answers("POST", $"/v1/instances/{Samples.Server}/attach", 504, GoesOn);
        _api.Answers("GET", "/v1/accelerators", 200, """{"accelerator": []}""");
        Assert.Contains("refused and undone", await _cli.FailAsync(1, "attach-instance", Samples.Server, "--wait"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_is_detached_when_nothing_names_it_any_more()
    {
        _api.Answers("POST", $"/v1/instances/{Samples.Server}/detach", 504, GoesOn);
        _api.AnswersInTurn(
            "GET", "/v1/accelerators", (200, $$"""{"accelerator": [{{Samples.Accelerator(attachInfo: Samples.Attachment("detaching"))}}]}"""), (200, """{"accelerator": []}"""));
        Assert.Equal("", await _cli.DoAsync("detach-instance", Samples.Server, "--wait"));
    }

    /// <summary>A second later at each look; its timers are the machine's.</summary>
    private sealed class HastyTime : TimeProvider
    {
        private long _looks;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Interlocked.Increment(ref _looks);
    }
}
