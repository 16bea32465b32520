using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Conductor.Tests;

/// <summary>Accelerator requests whose server is gone, or can never start, are given back; those of every other server stay.</summary>
public sealed class OrphanTests
{
    private const DatabaseKind Kind = DatabaseKind.Sqlite;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task A_server_whose_boot_was_interrupted_gives_its_requests_back_at_the_second_look(DatabaseKind kind)
    {
        await using var stage = await NovaStage.StartAsync(kind);
        var (lost, running) = (Guid.NewGuid(), Guid.NewGuid());
        var arqs = await stage.BindAsync(2, lost);
        var others = await stage.BindAsync(1, running);
        Answer(stage, (lost, WireMockNova.Server(lost)), (running, WireMockNova.Server(running, ("status", "ACTIVE"), ("OS-EXT-STS:vm_state", "active"))));

        await stage.Orphans.RoundAsync(Stop);
        Assert.Empty(stage.Nova.Journal);

        await stage.LookAsync();
        Assert.Equal([.. arqs.Concat(others).Order()], await PresentAsync(stage));
        Assert.All(await DueAsync(stage), seconds => Assert.InRange(seconds, 300, 601));

        await stage.LookAsync();
        Assert.Equal(others, await PresentAsync(stage));
        Assert.Equal(1, await HeldAsync(stage));
        Assert.Equal(2, stage.Nova.Journal.Count(request => request.Path == $"/v2.1/servers/{lost}"));
        Assert.All(stage.Nova.Journal, request => Assert.Equal(
            ("GET", stage.Keystone.ServiceTokens.Single(), "compute 2.82"), (request.Method, request.Token, request.Microversion)));
        Assert.Contains(stage.Told.Lines, line => line.StartsWith($"Warning 2043 Server {lost} is in ERROR, and was never started", StringComparison.Ordinal)
            && arqs.All(arq => line.Contains($"{arq}", StringComparison.Ordinal)));
        Assert.All(await DueAsync(stage), seconds => Assert.InRange(seconds, 900, 1201));

        // What is free again can be bound, by another server and by this one.
        await stage.Conductor.BindAsync(await stage.Conductor.CreateAsync(3), "card");
    }

    [Fact]
    public async Task A_handle_with_host_work_is_released_by_its_host()
    {
        await using var stage = await NovaStage.StartAsync(Kind);
        var server = Guid.NewGuid();
        await stage.Conductor.BindAsync(await stage.Conductor.CreateAsync(1), "worked", server);
        Answer(stage, (server, WireMockNova.Server(server)));
        await stage.LookAsync(2);
        Assert.Empty(await PresentAsync(stage));
        Assert.Equal(1, stage.LeftWork);
        Assert.Equal([AttachHandleState.Releasing], await stage.Conductor.Database.ReadAsync(
            session => session.AttachHandles.Where(handle => handle.ArqUuid != null).Select(handle => handle.State).ToListAsync(Stop), Stop));
    }

    [Fact]
    public async Task A_server_that_recovers_between_two_looks_keeps_its_requests()
    {
        await using var stage = await NovaStage.StartAsync(Kind);
        var server = Guid.NewGuid();
        await stage.BindAsync(1, server);
        foreach (var status in new[] { "ERROR", "BUILD", "ERROR" })
        {
            Answer(stage, (server, WireMockNova.Server(server, ("status", status))));
            await stage.LookAsync();
        }
        Assert.Single(await PresentAsync(stage));
    }

    [Fact]
    public async Task A_server_that_was_launched_keeps_its_requests_in_error()
    {
        await using var stage = await NovaStage.StartAsync(Kind);
        var server = Guid.NewGuid();
        await stage.BindAsync(1, server);
        Answer(stage, (server, WireMockNova.Server(server, ("OS-SRV-USG:launched_at", "2026-11-22T10:00:00.000000"))));
        await stage.LookAsync(4);
        Assert.Single(await PresentAsync(stage));
    }

    [Theory, EachDatabase]
    public async Task A_server_that_is_gone_gives_its_requests_back_when_both_doors_say_so(DatabaseKind kind)
    {
        await using var stage = await NovaStage.StartAsync(kind);
        var (gone, running) = (Guid.NewGuid(), Guid.NewGuid());
        await stage.BindAsync(2, gone);
        var others = await stage.BindAsync(1, running);
        Answer(stage, (running, WireMockNova.Server(running, ("status", "ACTIVE"))));
        // The first round shows that this Nova knows our servers.
        await stage.LookAsync(4);
        Assert.Equal(others, await PresentAsync(stage));
        var asked = Assert.Single(stage.Nova.Journal, request => request.Method == "POST");
        Assert.Equal($$"""{"events":[{"name":"accelerator-request-bound","server_uuid":"{{gone}}","tag":"{{gone}}","status":"completed"}]}""", asked.Body!.ToJsonString());
    }

    [Fact]
    public async Task A_nova_that_has_shown_none_of_our_servers_is_not_believed()
    {
        // Another region's, for example: it knows no server at all.
        await using var stage = await NovaStage.StartAsync(Kind);
        await stage.BindAsync(1);
        await stage.BindAsync(1);
        Answer(stage);
        await stage.LookAsync(5);
        Assert.Equal(2, (await PresentAsync(stage)).Count);
        Assert.DoesNotContain(stage.Nova.Journal, request => request.Method == "POST");
    }

    [Theory]
    [InlineData(200)]
    [InlineData(422)]
    public async Task A_nova_that_only_hides_a_server_is_not_believed(int code)
    {
        await using var stage = await NovaStage.StartAsync(Kind);
        var (hidden, shown) = (Guid.NewGuid(), Guid.NewGuid());
        await stage.BindAsync(1, hidden);
        await stage.BindAsync(1, shown);
        Answer(stage, code, (shown, WireMockNova.Server(shown, ("status", "ACTIVE"))));
        await stage.LookAsync(6);
        Assert.Equal(2, (await PresentAsync(stage)).Count);
        Assert.Contains(stage.Told.Lines, line => line.StartsWith($"Warning 2045 Nova knows server {hidden}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(409)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_nova_that_does_not_say_changes_nothing_and_is_asked_again(int status)
    {
        await using var stage = await NovaStage.StartAsync(Kind, lines: "status_code_retries = 0");
        var server = Guid.NewGuid();
        await stage.BindAsync(1, server);
        Answer(stage, (server, WireMockNova.Server(server)));
        await stage.LookAsync();
        stage.Nova.Answer = _ => (status, WireMockNova.Fault("someFault", status, "Nova's words."));
        await stage.LookAsync(3);
        Assert.Single(await PresentAsync(stage));
        Assert.All(await DueAsync(stage), seconds => Assert.InRange(seconds, 300, 601));
        Assert.Equal($"Warning 2044 Nova does not say what became of servers, whose accelerator requests stay; it is asked again: Nova answered {status}: Nova's words.",
            Assert.Single(stage.Told.Lines, line => line.Contains("2044", StringComparison.Ordinal)));

        // What was suspected before still is.
        Answer(stage, (server, WireMockNova.Server(server)));
        await stage.LookAsync();
        Assert.Empty(await PresentAsync(stage));
    }

    [Fact]
    public async Task A_nova_that_is_slow_closes_or_is_away_changes_nothing()
    {
        await using var stage = await NovaStage.StartAsync(Kind, timeout: TimeSpan.FromMilliseconds(300), lines: ["connect_retries = 0"]);
        await stage.BindAsync(1);
        await stage.LookAsync();
        stage.Nova.IsSilent = true;
        await stage.LookAsync(2);
        stage.Nova.IsSilent = false;
        stage.Nova.Closes = true;
        await stage.LookAsync(2);
        stage.Nova.Stop();
        await stage.LookAsync(2);
        Assert.Single(await PresentAsync(stage));
    }

    [Theory]
    [InlineData(200, "no JSON")]
    [InlineData(200, "{}")]
    [InlineData(500, "")]
    [InlineData(404, "<html/>")]
    public async Task A_second_door_that_does_not_say_changes_nothing(int status, string body)
    {
        await using var stage = await NovaStage.StartAsync(Kind, lines: "status_code_retries = 0");
        var shown = Guid.NewGuid();
        await stage.BindAsync(1);
        await stage.BindAsync(1, shown);
        Answer(stage, (shown, WireMockNova.Server(shown, ("status", "ACTIVE"))));
        var looks = stage.Nova.Answer;
        stage.Nova.Answer = request => request.Method == "POST" ? (status, body) : looks(request);
        await stage.LookAsync(4);
        Assert.Equal(2, (await PresentAsync(stage)).Count);
        Assert.Contains(stage.Nova.Journal, request => request.Method == "POST");
    }

    [Theory, EachDatabase]
    public async Task A_request_that_is_bound_anew_while_nova_is_asked_stays(DatabaseKind kind)
    {
        await using var stage = await NovaStage.StartAsync(kind);
        var server = Guid.NewGuid();
        var arqs = await stage.BindAsync(2, server);
        Answer(stage, (server, WireMockNova.Server(server)));
        await stage.LookAsync();
        var rebinds = Task.CompletedTask;
        stage.Nova.Answer = _ =>
        {
            rebinds = RebindAsync();
            rebinds.Wait(Stop);
            return (200, WireMockNova.Server(server));
        };
        await stage.LookAsync();
        await rebinds;
        Assert.Equal(arqs.Order(), await PresentAsync(stage));
        // It begins anew: the first look has not been yet.
        Assert.All(await DueAsync(stage), seconds => Assert.InRange(seconds, 300, 601));
        Answer(stage, (server, WireMockNova.Server(server, ("status", "BUILD"))));
        await stage.LookAsync(3);
        Assert.Equal(2, (await PresentAsync(stage)).Count);

        async Task RebindAsync()
        {
            await stage.Conductor.CallAsync(Verbs.UnbindArqs, new(TestConductor.Scope("p1"), [.. arqs]));
            await stage.Conductor.BindAsync(arqs, "card", server);
        }
    }

    [Fact]
    public async Task A_server_of_which_one_request_is_taken_away_meanwhile_is_looked_at_again()
    {
        await using var stage = await NovaStage.StartAsync(Kind);
        var server = Guid.NewGuid();
        var arqs = await stage.BindAsync(2, server);
        Answer(stage, (server, WireMockNova.Server(server)));
        await stage.LookAsync();
        stage.Nova.Answer = _ =>
        {
            stage.Conductor.CallAsync(Verbs.DeleteArqs, new(TestConductor.Scope("p1"), [arqs[0]], true)).Wait(Stop);
            return (200, WireMockNova.Server(server));
        };
        await stage.LookAsync();
        Assert.Equal([arqs[1]], await PresentAsync(stage));
        Answer(stage, (server, WireMockNova.Server(server)));
        await stage.Conductor.Database.TransactAsync(session => session.Arqs.Set(arq => arq.CheckUntil, _ => DatabaseClock.In(-1)).UpdateAsync(Stop), Stop);
        await stage.LookAsync();
        Assert.Empty(await PresentAsync(stage));
    }

    [Theory, EachDatabase]
    public async Task Two_conductors_look_once_and_give_back_once(DatabaseKind kind)
    {
        await using var stage = await NovaStage.StartAsync(kind);
        List<Guid> servers = [.. Enumerable.Range(0, 4).Select(_ => Guid.NewGuid())];
        foreach (var server in servers)
            await stage.BindAsync(1, server);
        Answer(stage, [.. servers.Select(server => (server, WireMockNova.Server(server)))]);
        var watches = Enumerable.Range(0, 3).Select(_ => stage.NewWatch()).ToList();
        for (var look = 1; look <= 2; look++)
        {
            await stage.HurryLooksAsync();
            await Task.WhenAll(watches.Select(watch => Task.Run(() => watch.RoundAsync(Stop), Stop)));
            Assert.Equal(4 * look, stage.Nova.Journal.Count);
        }
        Assert.Empty(await PresentAsync(stage));
        Assert.Equal(0, await HeldAsync(stage));
        Assert.Equal(4, stage.Told.Lines.Count(line => line.StartsWith("Warning 2043", StringComparison.Ordinal)));
    }

    [Theory, EachDatabase]
    public async Task A_claim_of_a_conductor_that_died_runs_out_and_its_late_word_changes_nothing(DatabaseKind kind)
    {
        await using var stage = await NovaStage.StartAsync(kind);
        var server = Guid.NewGuid();
        await stage.BindAsync(1, server);
        Answer(stage, (server, WireMockNova.Server(server)));
        await stage.HurryLooksAsync();
        var (dead, database) = (Guid.NewGuid(), stage.Conductor.Database);
        var check = Assert.Single(await database.TransactAsync(session => ServerCheckStore.ClaimAsync(session, dead, 10, 3600), Stop));
        await stage.LookAsync();
        Assert.Empty(stage.Nova.Journal);
        await database.TransactAsync(session => session.Arqs.Set(arq => arq.CheckUntil, _ => DatabaseClock.In(-1)).UpdateAsync(Stop), Stop);
        await stage.LookAsync();
        Assert.Equal(0, await database.TransactAsync(session => ServerCheckStore.PostponeAsync(session, check, dead, 9999, looked: true, suspect: false), Stop));
        Assert.Empty(await database.TransactAsync(session => ServerCheckStore.LockClaimedAsync(session, check, dead), Stop));
        await stage.LookAsync();
        Assert.Empty(await PresentAsync(stage));
    }

    [Theory, EachDatabase]
    public async Task A_bind_that_failed_or_goes_on_is_given_back_too_and_nova_hears_no_more_of_it(DatabaseKind kind)
    {
        await using var stage = await NovaStage.StartAsync(kind);
        var server = Guid.NewGuid();
        var arqs = await stage.Conductor.CreateAsync(2);
        await stage.Conductor.BindAsync(arqs, "worked", server);
        await stage.Conductor.Database.TransactAsync(
            session => session.Arqs.Where(arq => arq.Uuid == arqs[0]).Set(arq => arq.State, ArqState.BindFailed).UpdateAsync(Stop), Stop);
        Answer(stage, (server, WireMockNova.Server(server)));
        await stage.LookAsync(2);
        Assert.Empty(await PresentAsync(stage));
        stage.Nova.Answer = _ => throw new InvalidOperationException("Nova is told of a bind that is given back");
        await stage.RoundAsync();
    }

    /// <summary>Nova shows these servers and no other.</summary>
    private static void Answer(NovaStage stage, params (Guid Server, string Shown)[] servers) => Answer(stage, 404, servers);

    private static void Answer(NovaStage stage, int unknown, params (Guid Server, string Shown)[] servers) =>
        stage.Nova.Answer = request =>
        {
            if (request.Method == "POST")
                return (unknown == 200 ? 200 : 207, WireMockNova.Verdicts(request, unknown));
            var asked = Guid.Parse(request.Path.Split('/')[^1]);
            return servers.FirstOrDefault(server => server.Server == asked) is { Shown: { } shown } ? (200, shown) : (404, WireMockNova.NoServer(asked));
        };

    private static Task<List<Guid>> PresentAsync(NovaStage stage) =>
        stage.Conductor.Database.ReadAsync(session => session.Arqs.OrderBy(arq => arq.Uuid).Select(arq => arq.Uuid).ToListAsync(Stop), Stop);

    private static Task<int> HeldAsync(NovaStage stage) =>
        stage.Conductor.Database.ReadAsync(session => session.AttachHandles.CountAsync(handle => handle.State == AttachHandleState.Held, Stop), Stop);

    /// <summary>Seconds until each server's next look.</summary>
    private static async Task<List<double>> DueAsync(NovaStage stage) =>
        await stage.Conductor.Database.ReadAsync(
            async session => (await session.Arqs.Select(arq => new { After = arq.CheckAfter!.Value, Now = DatabaseClock.Now() }).ToListAsync(Stop))
                .ConvertAll(row => (row.After - row.Now).TotalSeconds),
            Stop);
}
