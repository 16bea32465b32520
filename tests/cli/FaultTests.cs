using System.Net;
using System.Net.Sockets;
using Cyborg.TestServers;

namespace Cyborg.Cli.Tests;

/// <summary>Whatever goes wrong is one line and an exit code.</summary>
public sealed class FaultTests : IDisposable
{
    private readonly FakeApi _api = new();
    private readonly Cli _cli;

    public FaultTests() => _cli = Cli.At(_api.Url);

    public void Dispose()
    {
        _cli.Dispose();
        _api.Dispose();
    }

    [Theory]
    [InlineData(400, "Invalid input for field/attribute host", "Invalid input for field/attribute host (400)")]
    [InlineData(403, "Policy doesn't allow cyborg:service:get_all to be performed.", "Policy doesn't allow cyborg:service:get_all to be performed (403): it takes a role")]
    [InlineData(404, "Driver not found with id=x.", "Driver not found with id=x (404)")]
    [InlineData(409, "It is in use.", "It is in use (409)")]
    [InlineData(502, "The backend says no.", "The backend says no (502)")]
    [InlineData(503, "No conductor is there to answer.", "No conductor is there to answer (503)")]
    [InlineData(500, "An internal error occurred.", "An internal error occurred (500)")]
    public async Task A_refusal_says_what_the_service_says(int status, string text, string says)
    {
        _api.Answers("GET", "/v1/services", status, FakeApi.Fault(text));
        Assert.StartsWith(says, await _cli.FailAsync(1, "service-list"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"error":{"code":401,"title":"Unauthorized","message":"The request you have made requires authentication."}}""")]
    [InlineData("")]
    public async Task A_log_in_that_is_not_accepted_names_where_it_comes_from(string body)
    {
        _api.Answers("GET", "/v1/services", 401, body);
        var line = await _cli.FailAsync(1, "service-list");
        Assert.Contains("401", line, StringComparison.Ordinal);
        Assert.Contains("the OS_* variables", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, "{\"error_message\": \"{\\\"code\\\": 404, \\\"title\\\": \\\"Not Found\\\", \\\"description\\\": \\\"The resource could not be found.\\\"}\"}", "The resource could not be found (404)")]
    [InlineData(404, "{\"error_message\": \"404 Not Found\\n\\nThe resource could not be found.\\n\\n   \"}", "The resource could not be found (404)")]
    [InlineData(406, "{\"error_message\": \"{\\\"description\\\": \\\"Version 1.1 was requested\\\"}\"}", "Version 1.1 was requested (406): the service is older")]
    [InlineData(423, "{\"error_message\": \"null\"}", "null (423)")]
    [InlineData(502, "<html><body>Bad Gateway</body></html>", "the service gives no reason (502)")]
    [InlineData(500, "{", "the service gives no reason (500)")]
    [InlineData(409, "{\"error_message\": \"two\\nlines\\u001b[2J\"}", "two\\nlines\\u001b[2J (409)")]
    [InlineData(404, "", "there is no such thing, or this is not Cyborg's address (404)")]
    public async Task Errors_of_every_form_are_understood(int status, string body, string says)
    {
        _api.Answers("GET", "/v1/services", status, body);
        Assert.StartsWith(says, await _cli.FailAsync(1, "service-list"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, "<html>Welcome to nginx</html>", "text/html")]
    [InlineData(200, "{\"services\": [", "application/json")]
    [InlineData(302, "", "text/html")]
    public async Task What_is_not_the_api_is_said_to_be_not(int status, string body, string type)
    {
        _api.Answers("GET", "/v1/services", status, body, type, ("Location", "http://127.0.0.1:9/"));
        var line = await _cli.FailAsync(1, "service-list");
        Assert.Contains("where JSON was expected: is that Cyborg's address? It comes from the OS_* variables", line, StringComparison.Ordinal);
        Assert.DoesNotContain("nginx", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_without_a_list_is_an_empty_list()
    {
        _api.Answers("GET", "/v1/services", 200, """{"something": "else"}""");
        Assert.Equal("[]\n", await _cli.DoAsync("service-list", "-f", "json"));
    }

    [Fact]
    public async Task Nobody_there_is_told_at_once()
    {
        using var nobody = new ClosedPort();
        _cli.Variables["OS_ENDPOINT_OVERRIDE"] = new Uri(nobody.Address, "/v2").ToString();
        var line = await _cli.FailAsync(1, "service-list");
        Assert.StartsWith($"{nobody.Address.Authority} cannot be called", line, StringComparison.Ordinal);
        Assert.Contains("Is it running", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_service_is_waited_for_as_long_as_it_was_said()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var time = new ManualTime();
        using var cli = Cli.At($"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}", time);
        var asking = cli.FailAsync(1, "service-list", "--timeout", "60");
        using var asker = await silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        // It has asked, so its patience has begun.
        Assert.NotEqual(0, await asker.GetStream().ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(asking.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("does not answer within 60 s", await asking, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accelerators_that_are_not_there_are_named()
    {
        _api.Answers("GET", "/v1/accelerators", 200, """{"accelerator": []}""");
        _api.Answers("GET", $"/v1/accelerators/{Samples.First}", 404, FakeApi.Fault($"Accelerator not found with uuid={Samples.First}"));
        Assert.StartsWith("there is no accelerator named tau\\tcher; cyborg accelerator-list", await _cli.FailAsync(1, "accelerator-show", "tau\tcher"), StringComparison.Ordinal);
        Assert.Contains("(404)", await _cli.FailAsync(1, "accelerator-show", Samples.First), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("there is no verb driver-lits; did you mean driver-list?", "driver-lits")]
    [InlineData("there is no verb xyzzy; see cyborg --help", "xyzzy")]
    [InlineData("no verb is given; see cyborg --help")]
    [InlineData("driver-list: there is no flag --hots; did you mean --host?", "driver-list", "--hots", "sesame")]
    [InlineData("driver-list: there is no flag --os-pasword; did you mean --os-password?", "driver-list", "--os-pasword=sesame")]
    [InlineData("install-driver: driver_id is missing; see cyborg install-driver --help", "install-driver")]
    [InlineData("driver-list: there is no word more; see cyborg driver-list --help", "driver-list", "more")]
    [InlineData("accelerator-update: accelerator is missing", "accelerator-update", "--num", "3")]
    [InlineData("there is nothing to change: give --device-type", "accelerator-update", "x")]
    [InlineData("--num takes a whole number from 1 on", "accelerator-update", "x", "--num", "0")]
    [InlineData("--limit takes a whole number from 1 on", "accelerator-list", "--limit", "0")]
    [InlineData("--capability takes a JSON object", "accelerator-create", "x", "--capability", "[1]")]
    [InlineData("--capability is not valid JSON", "accelerator-create", "x", "--capability", "{")]
    [InlineData("--capability: nowhere cannot be read", "accelerator-create", "x", "--capability", "@nowhere")]
    [InlineData("--uuid: 7 is no uuid", "accelerator-create", "x", "--uuid", "7")]
    [InlineData("--host is empty", "driver-list", "--host", "")]
    [InlineData("accelerator-show: accelerator is empty", "accelerator-show", "")]
    [InlineData("--instance and --host are two targets", "accelerator-attach", "x", "--instance", Samples.Server, "--host", "h")]
    [InlineData("web-1 is no uuid of a server", "attach-instance", "web-1")]
    [InlineData("web-1 is no uuid of a server", "accelerator-detach", "x", "--instance", "web-1")]
    [InlineData("--accelerator and --device-profile are two ways", "attach-instance", Samples.Server, "--accelerator", "x", "--device-profile", "y")]
    [InlineData("complete: Argument 'fish' not recognized. Must be one of: 'bash', 'zsh'", "complete", "--shell", "fish")]
    public async Task A_line_that_cannot_be_meant_is_exit_code_2_and_asks_nobody(string says, params string[] arguments)
    {
        var line = await _cli.FailAsync(2, arguments);
        Assert.StartsWith(says, line, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", line, StringComparison.Ordinal);
        Assert.Empty(_api.Asked);
    }

    [Fact]
    public async Task Debug_tells_each_call()
    {
        _api.Answers("GET", "/v1/services", 200, Samples.Services, headers: ("X-Openstack-Request-Id", "req-7"));
        var (code, _, error) = await _cli.RunAsync("service-list", "--debug");
        Assert.Equal((0, $"GET {_api.Url}/v1/services -> 200 req-7\n"), (code, error));
    }
}
