using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.TestServers;

namespace Cyborg.Conductor.Tests;

/// <summary>Accelerators that API v1 attaches to their host and detaches, where there is neither Placement nor Nova.</summary>
public sealed class AttachmentTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task An_accelerator_is_attached_to_its_host_and_detached(DatabaseKind kind)
    {
        await using var stage = await AttachmentStage.StartAsync(kind, handles: 1);
        await using var listener = await Listener.StartAsync(stage.Conductor.Bus);
        var attached = await stage.AttachAsync();

        Assert.Equal(
            (AttachmentState.Attached, AttachTarget.Host, TestConductor.Host, stage.Card, TestConductor.Project, (AttachHandleType?)AttachHandleType.TEST_PCI, """{"n": "0"}"""),
            (attached.State, attached.TargetType, attached.Target, attached.Accelerator, attached.ProjectId, attached.HandleType, attached.HandleInfo));
        var arq = await stage.Conductor.ShowAsync(attached.Arq!.Value);
        Assert.Equal((ArqState.Bound, (string?)null, (Guid?)null, TestConductor.Host, AttachmentStage.Provider), (arq.State, arq.DeviceProfileName, arq.InstanceUuid, arq.Hostname, arq.DeviceRpUuid));
        var shown = await stage.ShowAsync();
        Assert.Equal(AcceleratorState.Attached, shown.State);
        Assert.Equal(attached, Assert.Single(shown.Attachments));
        Assert.Empty((await stage.ShowAsync("other")).Attachments);

        Assert.True((await stage.DetachAsync()).Done);
        Assert.Equal([("attach_to_host", arq.Uuid), ("detach_from_host", arq.Uuid)], stage.Done);
        await stage.RequireCleanAsync();
        Assert.Equal(AcceleratorState.Ready, (await stage.ShowAsync()).State);
        await AcceleratorStage.UntilAsync(() => Task.FromResult(listener.Words.Contains("detached")));
        Assert.Equal(["attached", "detached"], listener.Words.Where(word => word.EndsWith("tached", StringComparison.Ordinal)));
    }

    [Theory, EachDatabase]
    public async Task Attaching_again_is_the_same_attachment_and_another_project_gets_its_own(DatabaseKind kind)
    {
        await using var stage = await AttachmentStage.StartAsync(kind, handles: 2);
        var first = await stage.AttachAsync();
        Assert.Equal(first, await stage.AttachAsync(AttachTarget.Host, TestConductor.Host));
        var other = await stage.AttachAsync(project: "other");
        Assert.NotEqual(first.Uuid, other.Uuid);
        Assert.NotEqual(first.HandleInfo, other.HandleInfo);
        var refused = await Assert.ThrowsAsync<FaultException>(() => stage.AttachAsync(project: "third"));
        Assert.Equal(FaultCode.Conflict, refused.Code);
        Assert.Contains("is free", refused.Message, StringComparison.Ordinal);

        // Each sees, and takes away, what is its own.
        Assert.Equal(first, Assert.Single((await stage.ShowAsync()).Attachments));
        Assert.Equal(FaultCode.Conflict, (await stage.DetachFaultAsync()).Code);
        Assert.True((await stage.DetachAsync(AttachTarget.Host)).Done);
        Assert.Equal(other.Uuid, Assert.Single(await stage.AttachmentsAsync()).Uuid);
        Assert.Equal(FaultCode.Conflict, (await stage.DetachFaultAsync(AttachTarget.Host)).Code);
        Assert.True((await stage.CallAsync(Verbs.DetachAccelerator, new DetachAccelerator(stage.Card, null, null), admin: true)).Done);
        await stage.RequireCleanAsync();
    }

    [Theory, EachDatabase]
    public async Task A_call_that_is_sent_again_attaches_once_and_detaches_once(DatabaseKind kind)
    {
        await using var stage = await AttachmentStage.StartAsync(kind, handles: 2);
        var (id, request) = (Guid.NewGuid(), new AttachAccelerator(null, null, null, null));
        var both = await Task.WhenAll(
            stage.CallAsync(Verbs.AttachAccelerator, request, id: id), stage.CallAsync(Verbs.AttachAccelerator, request, id: id));
        Assert.Equal(both[0], both[1]);
        Assert.Single(await stage.AttachmentsAsync());
        Assert.Equal(both[0], await stage.CallAsync(Verbs.AttachAccelerator, request, id: id));

        id = Guid.NewGuid();
        var detach = new DetachAccelerator(stage.Card, null, null);
        var ends = await Task.WhenAll(
            stage.CallAsync(Verbs.DetachAccelerator, detach, id: id), stage.CallAsync(Verbs.DetachAccelerator, detach, id: id));
        Assert.All(ends, end => Assert.True(end.Done));
        Assert.Equal(2, stage.Done.Count);
        await stage.RequireCleanAsync();
    }

    [Theory]
    [InlineData("no room", false, FaultCode.BackendFailed)]
    [InlineData("it never does", true, FaultCode.NotSupportedByDriver)]
    public async Task What_a_host_refuses_is_undone_before_it_is_told(string error, bool notSupported, FaultCode code)
    {
        await using var stage = await AttachmentStage.StartAsync(DatabaseKind.Sqlite);
        stage.Work = (work, _) => work == "attach_to_host" ? new HandleWorkResult(error, notSupported) : new HandleWorkResult(null);
        var refused = await stage.AttachFaultAsync();
        Assert.Equal((code, error), (refused.Code, refused.Message));
        Assert.Equal(["attach_to_host", "detach_from_host"], stage.Done.Select(done => done.Work));
        await stage.RequireCleanAsync();
        Assert.Equal(AcceleratorState.Ready, (await stage.ShowAsync()).State);
    }

    [Fact]
    public async Task A_driver_without_the_ability_is_told_as_such()
    {
        await using var stage = await AttachmentStage.StartAsync(DatabaseKind.Sqlite);
        stage.Work = (work, _) => work == "attach_to_host" ? throw new FaultException(FaultCode.NotSupportedByDriver, "x attaches nothing") : new HandleWorkResult(null);
        var refused = await stage.AttachFaultAsync();
        Assert.Equal((FaultCode.NotSupportedByDriver, "x attaches nothing"), (refused.Code, refused.Message));
        await stage.RequireCleanAsync();
    }

    [Theory, EachDatabase]
    public async Task An_attach_whose_agent_is_away_goes_on_when_it_is_back(DatabaseKind kind)
    {
        await using var stage = await AttachmentStage.StartAsync(kind, agent: false);
        var going = await stage.AttachInHasteAsync();
        Assert.Equal((AttachmentState.Attaching, going.Uuid), (going.State, Assert.Single((await stage.ShowAsync()).Attachments).Uuid));
        Assert.Equal(AcceleratorState.Attaching, (await stage.ShowAsync()).State);
        var joined = stage.AttachAsync();
        await stage.StartAgentAsync();
        Assert.Equal((AttachmentState.Attached, going.Uuid), ((await joined).State, (await joined).Uuid));
        await stage.UntilAsync(one => one.State == AttachmentState.Attached && one.Reason is null);
    }

    [Fact]
    public async Task An_attach_that_goes_on_can_be_taken_back()
    {
        await using var stage = await AttachmentStage.StartAsync(DatabaseKind.Sqlite, agent: false);
        await stage.AttachInHasteAsync();
        // A conductor may be looking just now.
        await AcceleratorStage.UntilAsync(async () =>
        {
            try
            {
                return !await stage.DetachInHasteAsync();
            }
            catch (FaultException fault) when (fault.Code == FaultCode.Conflict)
            {
                return false;
            }
        });
        Assert.Equal(FaultCode.Conflict, (await stage.AttachFaultAsync()).Code);
        await stage.StartAgentAsync();
        await stage.UntilCleanAsync();
    }

    [Theory, EachDatabase]
    public async Task A_version_2_delete_or_unbind_of_its_request_ends_the_attachment(DatabaseKind kind)
    {
        await using var stage = await AttachmentStage.StartAsync(kind);
        var arq = (await stage.AttachAsync()).Arq!.Value;
        await stage.Conductor.CallAsync(Verbs.DeleteArqs, new DeleteArqs(TestConductor.Scope(TestConductor.Project), [arq], AlsoBound: true));
        Assert.All(await stage.AttachmentsAsync(), one => Assert.Equal((AttachmentState.Detaching, (Guid?)null), (one.State, one.Arq)));
        await stage.UntilCleanAsync();

        arq = (await stage.AttachAsync()).Arq!.Value;
        await stage.Conductor.CallAsync(Verbs.UnbindArqs, new UnbindArqs(TestConductor.Scope(TestConductor.Project), [arq]));
        await stage.UntilCleanAsync();
        Assert.Equal(4, stage.Done.Count);
    }

    [Theory, EachDatabase]
    public async Task A_detach_without_a_target_is_refused_while_version_2_uses_the_accelerator(DatabaseKind kind)
    {
        await using var stage = await AttachmentStage.StartAsync(kind, handles: 2);
        var arqs = await stage.Conductor.CreateAsync();
        await stage.Conductor.BindAsync(arqs, AttachmentStage.CardName);
        Assert.Equal(FaultCode.Conflict, (await stage.DetachFaultAsync()).Code);
        var attached = await stage.AttachAsync();
        var refused = await stage.DetachFaultAsync();
        Assert.Equal(FaultCode.Conflict, refused.Code);
        Assert.Contains("in use by 1 other", refused.Message, StringComparison.Ordinal);
        Assert.Equal(attached, Assert.Single(await stage.AttachmentsAsync()));
        Assert.True((await stage.DetachAsync(AttachTarget.Host)).Done);
        Assert.Equal(1, await stage.TakenAsync());
    }

    [Theory, EachDatabase]
    public async Task A_bind_and_an_attach_for_the_last_handle_have_one_winner(DatabaseKind kind)
    {
        await using var stage = await AttachmentStage.StartAsync(kind, handles: 1);
        for (var round = 0; round < 4; round++)
        {
            var arqs = await stage.Conductor.CreateAsync();
            var (bind, attach) = (Try(stage.Conductor.BindAsync(arqs, AttachmentStage.CardName)), Try(stage.AttachAsync()));
            Assert.True(await bind ^ await attach);
            Assert.Equal(1, await stage.TakenAsync());
            await stage.Conductor.CallAsync(Verbs.DeleteArqs, new DeleteArqs(TestConductor.Scope(TestConductor.Project), arqs, AlsoBound: true));
            if (await attach)
                await stage.DetachAsync();
            await stage.UntilCleanAsync();
        }

        static async Task<bool> Try(Task task)
        {
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return task.IsCompletedSuccessfully;
        }
    }

    [Theory, EachDatabase]
    public async Task A_device_that_vanishes_while_it_is_attached_can_be_detached(DatabaseKind kind)
    {
        await using var stage = await AttachmentStage.StartAsync(kind);
        await stage.AttachAsync();
        await stage.AddAsync();
        Assert.Equal(AcceleratorState.Error, (await stage.ShowAsync()).State);
        Assert.Single((await stage.ShowAsync()).Attachments);
        Assert.True((await stage.DetachAsync()).Done);
        await stage.RequireCleanAsync();
        await stage.AddAsync();
        Assert.Equal(FaultCode.AcceleratorNotFound, (await stage.DetachFaultAsync()).Code);
    }

    [Theory, EachDatabase]
    public async Task What_a_host_can_not_undo_is_in_error_until_it_is_free(DatabaseKind kind)
    {
        await using var stage = await AttachmentStage.StartAsync(kind);
        await stage.AttachAsync();
        stage.Work = (_, _) => new HandleWorkResult("stuck");
        var detach = stage.DetachFaultAsync();
        // Ten times, ever less often: the test does not wait for that.
        await AcceleratorStage.UntilAsync(async () =>
        {
            if (!detach.IsCompleted)
                await stage.EndClaimsAsync();
            return detach.IsCompleted;
        });
        var refused = await detach;
        Assert.Equal(FaultCode.BackendFailed, refused.Code);
        Assert.Contains("stuck", refused.Message, StringComparison.Ordinal);
        Assert.Equal(AttachmentState.Error, Assert.Single((await stage.ShowAsync()).Attachments).State);
        Assert.Equal(FaultCode.BackendFailed, (await stage.DetachFaultAsync()).Code);
    }

    [Fact]
    public async Task The_only_free_accelerator_is_found_and_several_are_named()
    {
        await using var stage = await AttachmentStage.StartAsync(DatabaseKind.Sqlite, handles: 1);
        var any = new AttachAccelerator(null, null, null, null);
        Assert.Equal(stage.Card, (await stage.CallAsync(Verbs.AttachAccelerator, any)).Accelerator);
        var none = await Assert.ThrowsAsync<FaultException>(() => stage.CallAsync(Verbs.AttachAccelerator, any, "other"));
        Assert.Equal((FaultCode.Conflict, "No accelerator is free."), (none.Code, none.Message));

        await stage.DetachAsync();
        var second = await stage.AddAsync(TestConductor.Card(AttachmentStage.CardName, 1), TestConductor.Card("second", 1));
        var several = await Assert.ThrowsAsync<FaultException>(() => stage.CallAsync(Verbs.AttachAccelerator, any));
        Assert.Equal(FaultCode.Conflict, several.Code);
        Assert.Contains($"second ({second})", several.Message, StringComparison.Ordinal);
        Assert.Contains($"card ({stage.Card})", several.Message, StringComparison.Ordinal);
        await stage.RequireCleanAsync();
    }

    [Fact]
    public async Task A_profile_finds_an_accelerator_that_fits()
    {
        await using var stage = await AttachmentStage.StartAsync(DatabaseKind.Sqlite, handles: 1);
        await ProfileAsync(stage, "fits", ("resources:FPGA", "1"), ("trait:CUSTOM_TEST", "required"));
        await ProfileAsync(stage, "gpu", ("resources:PGPU", "1"));
        await ProfileAsync(stage, "no", ("resources:FPGA", "1"), ("trait:CUSTOM_TEST", "forbidden"));
        await ProfileAsync(stage, "two", ("resources:FPGA", "2"));
        Task<Attachment> AttachAsync(string profile, Guid? accelerator = null) =>
            stage.CallAsync(Verbs.AttachAccelerator, new AttachAccelerator(accelerator, profile, null, null));
        async Task<FaultCode> FaultAsync(string profile, Guid? accelerator = null) =>
            (await Assert.ThrowsAsync<FaultException>(() => AttachAsync(profile, accelerator))).Code;

        Assert.Equal(FaultCode.DeviceProfileNotFound, await FaultAsync("unknown"));
        Assert.Equal(FaultCode.Conflict, await FaultAsync("gpu"));
        Assert.Equal(FaultCode.Conflict, await FaultAsync("no"));
        Assert.Equal(FaultCode.Conflict, await FaultAsync("no", stage.Card));
        Assert.Equal(FaultCode.InvalidInput, await FaultAsync("two"));
        var attached = await AttachAsync("fits");
        Assert.Equal((stage.Card, "fits"), (attached.Accelerator, (await stage.Conductor.ShowAsync(attached.Arq!.Value)).DeviceProfileName));
        Assert.Equal(FaultCode.Conflict, (await Assert.ThrowsAsync<FaultException>(
            () => stage.CallAsync(Verbs.AttachAccelerator, new AttachAccelerator(null, "fits", null, null), "other"))).Code);
        Assert.Equal(FaultCode.DeviceProfileInUse, await stage.Conductor.FaultAsync(Verbs.DeleteProfiles, new DeleteProfiles([new ShowProfile(null, "fits")])));
    }

    [Fact]
    public async Task What_can_not_be_is_refused_at_once()
    {
        await using var stage = await AttachmentStage.StartAsync(DatabaseKind.Sqlite);
        Assert.Equal(FaultCode.AcceleratorNotFound, (await Assert.ThrowsAsync<FaultException>(() => stage.AttachAsync(accelerator: Guid.NewGuid()))).Code);
        Assert.Equal(FaultCode.InvalidInput, (await stage.AttachFaultAsync(null, "h")).Code);
        Assert.Equal(FaultCode.InvalidInput, (await stage.AttachFaultAsync(AttachTarget.Instance, "h")).Code);
        Assert.Equal(FaultCode.InvalidInput, (await stage.AttachFaultAsync(AttachTarget.Instance)).Code);
        Assert.Equal(FaultCode.Conflict, (await stage.AttachFaultAsync(AttachTarget.Host, "elsewhere")).Code);
        var noNova = await stage.AttachFaultAsync(AttachTarget.Instance, $"{Guid.NewGuid()}");
        Assert.Equal(FaultCode.Conflict, noNova.Code);
        Assert.Contains("[nova]", noNova.Message, StringComparison.Ordinal);
        Assert.Equal(FaultCode.InvalidInput, (await stage.DetachFaultAsync(null, "h")).Code);
        Assert.Equal(FaultCode.InvalidInput, (await Assert.ThrowsAsync<FaultException>(
            () => stage.CallAsync(Verbs.DetachAccelerator, new DetachAccelerator(null, null, null)))).Code);
        Assert.Equal(FaultCode.Conflict, (await stage.DetachFaultAsync()).Code);
        await stage.Conductor.CallAsync(Verbs.DisableDevice, new ById(stage.Card));
        var inactive = await stage.AttachFaultAsync();
        Assert.Equal(FaultCode.Conflict, inactive.Code);
        Assert.Contains("inactive", inactive.Message, StringComparison.Ordinal);
        await stage.RequireCleanAsync();
    }

    private static Task ProfileAsync(AttachmentStage stage, string name, params (string Key, string Value)[] group) => stage.Conductor.CallAsync(
        Verbs.CreateProfile, new CreateProfile(null, name, null, [group.ToDictionary(pair => pair.Key, pair => (string?)pair.Value)]));
}
