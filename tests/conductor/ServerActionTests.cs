using Cyborg.Conductor.Nova;
using Cyborg.TestServers;

namespace Cyborg.Conductor.Tests;

/// <summary>The server actions by which Nova attaches and detaches accelerators: what is sent, and what each answer means.</summary>
public sealed class ServerActionTests
{
    private static readonly Guid Server = Guid.NewGuid();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_action_names_the_accelerator_request_and_is_accepted()
    {
        await using var stage = await NovaStage.StartAsync(DatabaseKind.Sqlite);
        stage.Nova.Answer = _ => (202, "");
        var arq = Guid.NewGuid();

        Assert.Equal(new ServerActionResult(ServerActionOutcome.Accepted, 202, null), await stage.Actions.AttachAsync(Server, arq, Stop));
        Assert.Equal(new ServerActionResult(ServerActionOutcome.Accepted, 202, null), await stage.Actions.DetachAsync(Server, arq, Stop));

        Assert.Equal(
            [$$$"""{"acc-attach":{"accelerator_request_uuid":"{{{arq}}}"}}""", $$$"""{"acc-detach":{"accelerator_request_uuid":"{{{arq}}}"}}"""],
            stage.Nova.Journal.Select(request => request.Body!.ToJsonString()));
        Assert.All(stage.Nova.Journal, request => Assert.Equal(
            ($"/v2.1/servers/{Server}/action", stage.Keystone.ServiceTokens.Single(), "compute 2.82", true),
            (request.Path, request.Token, request.Microversion, request.HasLength)));
    }

    [Theory]
    [InlineData(400, "There is no such action: acc-attach", "NotSupported")]
    [InlineData(400, "Invalid input for field/attribute acc-attach.", "Refused")]
    [InlineData(404, "The resource could not be found.", "NotSupported")]
    [InlineData(404, "Instance {server} could not be found.", "ServerNotFound")]
    [InlineData(409, "Cannot 'attach_accelerator' instance {server} while it is in vm_state stopped", "Conflict")]
    [InlineData(403, "Policy doesn't allow os_compute_api:os-attach-accelerators to be performed.", "Refused")]
    [InlineData(413, "Quota exceeded", "Refused")]
    [InlineData(500, "Unexpected API Error.", "Unknown")]
    [InlineData(503, "Service unavailable.", "Unknown")]
    public async Task Each_refusal_has_its_meaning(int status, string message, string outcome)
    {
        await using var stage = await NovaStage.StartAsync(DatabaseKind.Sqlite);
        var words = message.Replace("{server}", $"{Server}", StringComparison.Ordinal);
        stage.Nova.Answer = _ => (status, WireMockNova.Fault("fault", status, words));
        var result = await stage.Actions.AttachAsync(Server, Guid.NewGuid(), Stop);
        Assert.Equal((outcome, (int?)status, $"Nova answered {status}: {words}"), ($"{result.Outcome}", result.Status, result.Problem));
        // An action is no call that may be repeated unasked.
        Assert.Single(stage.Nova.Journal);
    }

    [Fact]
    public async Task A_page_of_a_web_server_between_is_judged_by_its_status()
    {
        await using var stage = await NovaStage.StartAsync(DatabaseKind.Sqlite);
        stage.Nova.Answer = _ => (404, "<html>Not here</html>");
        Assert.Equal(ServerActionOutcome.NotSupported, (await stage.Actions.AttachAsync(Server, Guid.NewGuid(), Stop)).Outcome);
        stage.Nova.Answer = _ => (502, "<html>Bad gateway</html>");
        Assert.Equal(ServerActionOutcome.Unknown, (await stage.Actions.AttachAsync(Server, Guid.NewGuid(), Stop)).Outcome);
    }

    [Fact]
    public async Task Without_an_answer_nobody_knows_whether_it_is_done()
    {
        await using var stage = await NovaStage.StartAsync(DatabaseKind.Sqlite, timeout: TimeSpan.FromMilliseconds(500));
        stage.Nova.IsSilent = true;
        Assert.Equal(new ServerActionResult(ServerActionOutcome.Unknown, null, "Nova did not answer in time"), await stage.Actions.AttachAsync(Server, Guid.NewGuid(), Stop));
        stage.Nova.IsSilent = false;
        stage.Nova.Closes = true;
        Assert.Equal((ServerActionOutcome.Unknown, null), Outcome(await stage.Actions.AttachAsync(Server, Guid.NewGuid(), Stop)));
        stage.Nova.Stop();
        Assert.Equal((ServerActionOutcome.Unknown, null), Outcome(await stage.Actions.DetachAsync(Server, Guid.NewGuid(), Stop)));

        static (ServerActionOutcome, int?) Outcome(ServerActionResult result) => (result.Outcome, result.Status);
    }
}
