using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.TestServers;

namespace Cyborg.Conductor.Tests;

/// <summary>Accelerators that Nova attaches to running servers: what it has done, refuses, or does not answer.</summary>
public sealed class AttachmentNovaTests
{
    private static readonly Guid Server = Guid.NewGuid();

    [Theory, EachDatabase]
    public async Task A_server_gets_an_accelerator_and_gives_it_back(DatabaseKind kind)
    {
        await using var nova = await FakeNova.StartNewAsync();
        nova.Place(Server, hasHost: true, TestConductor.Project);
        await using var stage = await AttachmentStage.StartAsync(kind, nova: nova.Endpoint, hostWork: true);
        var attached = await stage.AttachAsync(AttachTarget.Instance, $"{Server:N}".ToUpperInvariant());
        Assert.Equal((AttachmentState.Attached, $"{Server}"), (attached.State, attached.Target));
        var arq = await stage.Conductor.ShowAsync(attached.Arq!.Value);
        Assert.Equal((ArqState.Bound, Server), (arq.State, arq.InstanceUuid));
        Assert.Equal(attached.Uuid, (await stage.AttachAsync(AttachTarget.Instance, $"{Server}")).Uuid);
        // Its request is not one that Nova waits for.
        Assert.Empty(nova.Journal);

        Assert.True((await stage.DetachAsync(AttachTarget.Instance, $"{Server}")).Done);
        Assert.Equal([("acc-attach", arq.Uuid, 202), ("acc-detach", arq.Uuid, 202)], nova.Actions.Select(action => (action.Name, action.Arq, action.Status)));
        Assert.Equal([("attach", arq.Uuid), ("detach", arq.Uuid)], stage.Done);
        await stage.RequireCleanAsync();
    }

    [Fact]
    public async Task A_server_of_another_project_is_as_one_that_is_not_there()
    {
        await using var nova = await FakeNova.StartNewAsync();
        var (foreign, gone) = (Guid.NewGuid(), Guid.NewGuid());
        nova.Place(foreign, hasHost: true, "somebody");
        await using var stage = await AttachmentStage.StartAsync(DatabaseKind.Sqlite, nova: nova.Endpoint);
        foreach (var server in new[] { foreign, gone })
        {
            var refused = await stage.AttachFaultAsync(AttachTarget.Instance, $"{server}");
            Assert.Equal((FaultCode.Conflict, $"The compute service has no server {server}."), (refused.Code, refused.Message));
        }
        Assert.Empty(nova.Actions);
        // Nova itself says so to who may use any.
        var admin = await Assert.ThrowsAsync<FaultException>(() => stage.CallAsync(
            Verbs.AttachAccelerator, new AttachAccelerator(stage.Card, null, AttachTarget.Instance, $"{gone}"), admin: true));
        Assert.Equal(FaultCode.Conflict, admin.Code);
        await stage.RequireCleanAsync();
    }

    [Fact]
    public async Task A_Nova_without_the_action_is_named_and_everything_undone()
    {
        await using var nova = await FakeNova.StartNewAsync();
        nova.Place(Server, hasHost: true, TestConductor.Project);
        nova.HasActions = false;
        await using var stage = await AttachmentStage.StartAsync(DatabaseKind.Sqlite, nova: nova.Endpoint);
        var refused = await stage.AttachFaultAsync(AttachTarget.Instance, $"{Server}");
        Assert.Equal(FaultCode.Conflict, refused.Code);
        Assert.Contains("no action acc-attach", refused.Message, StringComparison.Ordinal);
        await stage.RequireCleanAsync();
    }

    [Theory, EachDatabase]
    public async Task A_Nova_that_fails_or_loses_its_answer_is_asked_again(DatabaseKind kind)
    {
        await using var nova = await FakeNova.StartNewAsync();
        nova.Place(Server, hasHost: true, TestConductor.Project);
        nova.Mood = NovaMood.ServerError;
        await using var stage = await AttachmentStage.StartAsync(kind, nova: nova.Endpoint);
        var going = await stage.AttachInHasteAsync(AttachTarget.Instance, $"{Server}");
        Assert.Equal(AttachmentState.Attaching, going.State);
        await stage.UntilAsync(one => one.Reason?.Contains("500", StringComparison.Ordinal) == true);
        nova.Mood = NovaMood.LosesAnswer;
        await AcceleratorStage.UntilAsync(async () =>
        {
            await stage.EndClaimsIfIdleAsync();
            return nova.Actions.Any(action => action.Status == 202);
        });
        nova.Mood = NovaMood.Well;
        await AcceleratorStage.UntilAsync(async () =>
        {
            await stage.EndClaimsIfIdleAsync();
            return await stage.AttachmentsAsync() is [{ State: AttachmentState.Attached }];
        });
        Assert.Single(nova.Actions.Select(action => action.Arq).Distinct());
        Assert.Equal(1, await stage.TakenAsync());

        await nova.StopAsync();
        Assert.False(await stage.DetachInHasteAsync(AttachTarget.Instance, $"{Server}"));
        Assert.Equal(1, await stage.TakenAsync());
        await nova.StartAsync();
        await AcceleratorStage.UntilAsync(async () =>
        {
            await stage.EndClaimsIfIdleAsync();
            return await stage.IsCleanAsync();
        });
    }

    [Theory]
    [InlineData(409, FaultCode.Conflict)]
    [InlineData(403, FaultCode.BackendFailed)]
    [InlineData(413, FaultCode.BackendFailed)]
    public async Task What_Nova_refuses_is_undone_and_told_in_its_words(int status, FaultCode code)
    {
        await using var nova = new WireMockNova
        {
            Answer = request => request.Method == "GET"
                ? (200, WireMockNova.Server(Server, ("tenant_id", TestConductor.Project)))
                : (status, WireMockNova.Fault("fault", status, "not now")),
        };
        await using var stage = await AttachmentStage.StartAsync(DatabaseKind.Sqlite, nova: nova.Url);
        var refused = await stage.AttachFaultAsync(AttachTarget.Instance, $"{Server}");
        Assert.Equal(code, refused.Code);
        Assert.Contains("not now", refused.Message, StringComparison.Ordinal);
        await stage.RequireCleanAsync();
    }

    [Fact]
    public async Task A_detach_that_Nova_refuses_leaves_the_server_its_accelerator()
    {
        var status = 202;
        await using var nova = new WireMockNova
        {
            Answer = request => request.Method == "GET" ? (200, WireMockNova.Server(Server, ("tenant_id", TestConductor.Project))) : (status, ""),
        };
        await using var stage = await AttachmentStage.StartAsync(DatabaseKind.Sqlite, nova: nova.Url);
        var attached = await stage.AttachAsync(AttachTarget.Instance, $"{Server}");
        status = 409;
        Assert.Equal(FaultCode.Conflict, (await stage.DetachFaultAsync()).Code);
        Assert.Equal(attached with { UpdatedAt = null }, Assert.Single(await stage.AttachmentsAsync()) with { UpdatedAt = null });
        Assert.Equal(1, await stage.TakenAsync());

        // Nova has deleted it meanwhile.
        status = 404;
        nova.Answer = _ => (404, WireMockNova.NoServer(Server));
        Assert.True((await stage.DetachAsync()).Done);
        await stage.RequireCleanAsync();
    }

    [Theory, EachDatabase]
    public async Task A_server_that_Nova_deletes_takes_its_attachments_with_it(DatabaseKind kind)
    {
        await using var nova = await FakeNova.StartNewAsync();
        nova.Place(Server, hasHost: true, TestConductor.Project);
        await using var stage = await AttachmentStage.StartAsync(kind, nova: nova.Endpoint, placement: true);
        await stage.AttachAsync(AttachTarget.Instance, $"{Server}");
        Assert.Single(stage.Placement.State.Consumers);
        nova.Delete(Server);
        await stage.Conductor.CallAsync(Verbs.DeleteInstanceArqs, new DeleteInstanceArqs(ProjectScope.All, Server));
        await stage.UntilCleanAsync();
    }

    [Fact]
    public async Task A_target_alone_is_detached_of_all_that_it_has()
    {
        await using var nova = await FakeNova.StartNewAsync();
        nova.Place(Server, hasHost: true, TestConductor.Project);
        await using var stage = await AttachmentStage.StartAsync(DatabaseKind.Sqlite, nova: nova.Endpoint);
        var other = await stage.AddAsync(TestConductor.Card(AttachmentStage.CardName, 2), TestConductor.Card("other", 1));
        await stage.AttachAsync(AttachTarget.Instance, $"{Server}");
        await stage.AttachAsync(AttachTarget.Instance, $"{Server}", accelerator: other);
        await stage.AttachAsync();
        var all = new DetachAccelerator(null, AttachTarget.Instance, $"{Server}");
        Assert.True((await stage.CallAsync(Verbs.DetachAccelerator, all)).Done);
        Assert.Equal(AttachTarget.Host, Assert.Single(await stage.AttachmentsAsync()).TargetType);
        Assert.Equal(FaultCode.Conflict, (await Assert.ThrowsAsync<FaultException>(() => stage.CallAsync(Verbs.DetachAccelerator, all))).Code);
    }
}
