using Cyborg.TestServers;

namespace Cyborg.Conductor.Tests;

/// <summary>Every way in which Nova, or Keystone before it, can answer to events: what is sent, what is sent again, what is let go.</summary>
public sealed class NovaEventTests
{
    private const DatabaseKind Kind = DatabaseKind.Sqlite;

    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(500);

    [Theory, EachDatabase]
    public async Task Events_go_out_once_with_the_services_token_at_2_82_instance_by_instance(DatabaseKind kind)
    {
        await using var stage = await NovaStage.StartAsync(kind);
        var instance = Guid.NewGuid();
        var arqs = await stage.BindAsync(2, instance);
        var other = await stage.BindAsync(1);

        await stage.RoundAsync();
        await stage.HurryAsync();
        await stage.RoundAsync();

        Assert.Empty(await stage.OwedAsync());
        Assert.Equal(2, stage.Nova.Journal.Count);
        Assert.All(stage.Nova.Journal, request => Assert.Equal(
            ("/v2.1/os-server-external-events", stage.Keystone.ServiceTokens.Single(), "compute 2.82", true),
            (request.Path, request.Token, request.Microversion, request.HasLength)));
        var events = stage.Nova.Journal.Single(request => request.Body!["events"]!.AsArray().Count == 2).Body!["events"]!.AsArray();
        Assert.Equal(arqs.Select(arq => $$"""{"name":"accelerator-request-bound","server_uuid":"{{instance}}","tag":"{{arq}}","status":"completed"}""").Order(),
            events.Select(one => one!.ToJsonString()).Order());
        Assert.Contains(stage.Nova.Journal, request => request.Body!["events"]![0]!["tag"]!.GetValue<string>() == $"{other[0]}");
        Assert.Equal(1, stage.Keystone.LoginCount);
    }

    [Theory]
    [InlineData(200, 200, false, true)]
    [InlineData(207, 422, false, true)]
    [InlineData(207, 404, false, false)]
    [InlineData(207, 400, false, false)]
    [InlineData(207, 500, true, true)]
    [InlineData(404, 0, false, false)]
    [InlineData(400, 0, true, true)]
    [InlineData(403, 0, true, true)]
    [InlineData(406, 0, true, true)]
    [InlineData(409, 0, true, true)]
    [InlineData(429, 0, true, true)]
    [InlineData(301, 0, true, true)]
    [InlineData(500, 0, true, true)]
    [InlineData(503, 200, true, true)]
    public async Task What_nova_answers_decides_whether_it_is_told_again(int status, int code, bool completedAgain, bool failedAgain)
    {
        await using var stage = await NovaStage.StartAsync(Kind);
        stage.Nova.Answer = request => (status, code == 0 ? WireMockNova.Fault("someFault", status, "Nova's words.") : WireMockNova.Verdicts(request, code));
        await stage.BindAsync(2);

        await stage.RoundAsync();
        Assert.Equal(completedAgain ? 2 : 0, (await stage.OwedAsync()).Count);
        if (code == 0 && completedAgain)
            Assert.Contains(stage.Told.Lines, line => line.Contains($"Nova answered {status}: Nova's words.", StringComparison.Ordinal));

        if (!completedAgain)
            await stage.BindAsync(2);
        await stage.FailAsync();
        await stage.HurryAsync();
        await stage.RoundAsync();
        Assert.Equal(failedAgain ? 2 : 0, (await stage.OwedAsync()).Count);
    }

    [Fact]
    public async Task Mixed_codes_are_judged_one_by_one()
    {
        await using var stage = await NovaStage.StartAsync(Kind);
        stage.Nova.Answer = request => (207, WireMockNova.Verdicts(request, 200, 422, 400, 500));
        await stage.BindAsync(4);
        await stage.RoundAsync();

        var sent = stage.Nova.Journal.Single().Body!["events"]!.AsArray();
        Assert.Equal([sent[3]!["tag"]!.GetValue<string>()], (await stage.OwedAsync()).Select(arq => $"{arq}"));
        Assert.Single(stage.Told.Lines, line => line.StartsWith("Error 2032", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(200, "no JSON", false)]
    [InlineData(200, "{}", false)]
    [InlineData(200, """{"events": [null, {"tag": "none", "code": 500}]}""", false)]
    [InlineData(207, """{"events": null}""", false)]
    [InlineData(502, "<html>Bad gateway</html>", true)]
    [InlineData(500, """{"computeFault": "text"}""", true)]
    public async Task An_odd_body_is_judged_by_its_status(int status, string body, bool again)
    {
        await using var stage = await NovaStage.StartAsync(Kind);
        stage.Nova.Answer = _ => (status, body);
        await stage.BindAsync(1);
        await stage.RoundAsync();
        Assert.Equal(again ? 1 : 0, (await stage.OwedAsync()).Count);
    }

    [Fact]
    public async Task A_nova_that_closes_is_silent_or_away_is_told_when_it_is_back()
    {
        await using var stage = await NovaStage.StartAsync(Kind);
        await stage.BindAsync(1);
        stage.Nova.Closes = true;
        await AgainAsync("could not|cannot|closed|prematurely|error");
        stage.Nova.Closes = false;

        stage.Nova.IsSilent = true;
        await AgainAsync("Nova did not answer in time", Short);
        stage.Nova.IsSilent = false;

        stage.Nova.Stop();
        await AgainAsync("");
        stage.Nova.StartAgain();

        await stage.RoundAsync();
        Assert.Empty(await stage.OwedAsync());
        Assert.Single(stage.Nova.Journal);

        async Task AgainAsync(string words, TimeSpan? timeout = null)
        {
            await (timeout is { } most ? stage.RoundAsync(most) : stage.RoundAsync());
            Assert.Single(await stage.OwedAsync());
            Assert.Matches($"(?i){words}", stage.Told.Lines[^1]);
            Assert.StartsWith("Warning 2031", stage.Told.Lines[^1], StringComparison.Ordinal);
            await stage.HurryAsync();
        }
    }

    [Fact]
    public async Task A_token_that_was_revoked_is_replaced_and_the_events_are_sent()
    {
        await using var stage = await NovaStage.StartAsync(Kind);
        await stage.BindAsync(1);
        await stage.RoundAsync();
        stage.Keystone.RevokeServiceTokens();
        await stage.BindAsync(1);
        await stage.RoundAsync();
        Assert.Empty(await stage.OwedAsync());
        Assert.Equal((2, 1, 2), (stage.Keystone.LoginCount, stage.Nova.Unauthorized, stage.Nova.Journal.Count));
    }

    [Fact]
    public async Task A_nova_that_takes_no_token_of_ours_is_told_again()
    {
        await using var stage = await NovaStage.StartAsync(Kind);
        stage.Nova.TakesToken = _ => false;
        await stage.BindAsync(1);
        await stage.RoundAsync();
        Assert.Single(await stage.OwedAsync());
        Assert.Equal(2, stage.Nova.Unauthorized);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(503)]
    [InlineData(0)]
    public async Task Without_a_keystone_events_wait_and_nothing_secret_is_told(int status)
    {
        await using var stage = await NovaStage.StartAsync(Kind, timeout: TimeSpan.FromSeconds(5), lines: ["connect_retries = 0", "status_code_retries = 0"]);
        stage.Keystone.Logins = status == 0 ? KeystoneTrouble.Closes : KeystoneTrouble.Answers(status);
        await stage.BindAsync(1);
        await stage.RoundAsync();
        Assert.Single(await stage.OwedAsync());
        Assert.Empty(stage.Nova.Journal);
        Assert.DoesNotContain(stage.Told.Lines, line => line.Contains(stage.Keystone.Password, StringComparison.Ordinal));
        Assert.NotEmpty(stage.Told.Lines);
    }

    [Fact]
    public async Task A_catalog_without_a_nova_makes_events_wait()
    {
        await using var stage = await NovaStage.StartAsync(Kind, inCatalog: false);
        await stage.BindAsync(1);
        await stage.RoundAsync();
        Assert.Single(await stage.OwedAsync());
        Assert.Contains("The catalog has no endpoint of compute", stage.Told.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_override_is_called_with_the_services_token()
    {
        await using var stage = await NovaStage.StartAsync(Kind, inCatalog: false, lines: "endpoint_override = {nova}");
        await stage.BindAsync(1);
        await stage.RoundAsync();
        Assert.Equal(stage.Keystone.ServiceTokens.Single(), Assert.Single(stage.Nova.Journal).Token);
        Assert.Empty(await stage.OwedAsync());
    }
}
