using System.Text.Json;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.TestServers;

namespace Cyborg.Conductor.Tests;

/// <summary>Claims of attachments in Placement: made before a handle is taken, given back last.</summary>
public sealed class AttachmentClaimTests
{
    [Theory, EachDatabase]
    public async Task An_attach_claims_for_its_request_and_a_detach_gives_it_back(DatabaseKind kind)
    {
        await using var stage = await AttachmentStage.StartAsync(kind, placement: true);
        var arq = (await stage.AttachAsync()).Arq!.Value;
        Assert.Equal((arq, "ACCELERATOR", TestConductor.Project, "u1"), Single(stage));
        Assert.Equal(1, stage.Placement.State.Providers[AttachmentStage.Provider].Free("FPGA"));
        Assert.True((await stage.DetachAsync()).Done);
        await stage.RequireCleanAsync();
    }

    [Fact]
    public async Task What_Placement_has_given_to_others_is_not_attached()
    {
        await using var stage = await AttachmentStage.StartAsync(DatabaseKind.Sqlite, handles: 1, placement: true);
        Claim(stage, Guid.NewGuid());
        var refused = await stage.AttachFaultAsync();
        Assert.Equal(FaultCode.Conflict, refused.Code);
        Assert.Contains("exceed the capacity", refused.Message, StringComparison.Ordinal);
        Assert.Empty(await stage.AttachmentsAsync());
        Assert.Equal(0, await stage.TakenAsync());
        // Nobody but its holder gives it back.
        Assert.Single(stage.Placement.State.Consumers);
    }

    [Fact]
    public async Task A_provider_that_Placement_does_not_have_is_a_refusal()
    {
        await using var stage = await AttachmentStage.StartAsync(DatabaseKind.Sqlite, placement: true);
        stage.Placement.State.Remove(AttachmentStage.Provider);
        Assert.Equal(FaultCode.Conflict, (await stage.AttachFaultAsync()).Code);
        await stage.RequireCleanAsync();
    }

    [Theory, EachDatabase]
    public async Task A_claim_that_was_made_before_is_found(DatabaseKind kind)
    {
        await using var stage = await AttachmentStage.StartAsync(kind, placement: true);
        var echoed = false;
        // As if the conductor that died had it: between this one's look and its claim, so that the claim is a generation too late.
        stage.Placement.Handled = (method, path) =>
        {
            if (method == "GET" && path.StartsWith("/allocations/", StringComparison.Ordinal) && !echoed)
            {
                echoed = true;
                Claim(stage, Guid.Parse(path.Split('/')[^1]));
            }
            return Task.CompletedTask;
        };
        Assert.Equal(AttachmentState.Attached, (await stage.AttachAsync()).State);
        Assert.True(echoed);
        Assert.Contains(stage.Placement.State.Journal, line => line.EndsWith("-> 409", StringComparison.Ordinal));
        Assert.Single(stage.Placement.State.Consumers);
        await stage.DetachAsync();
        await stage.RequireCleanAsync();
    }

    [Theory]
    [InlineData(PlacementTrouble.LosesAnswer)]
    [InlineData(PlacementTrouble.Closes)]
    public async Task A_lost_answer_is_asked_for_again(PlacementTrouble trouble)
    {
        await using var stage = await AttachmentStage.StartAsync(DatabaseKind.Sqlite, placement: true);
        foreach (var troubled in new[] { "PUT", "DELETE" })
        {
            var once = 0;
            stage.Placement.Trouble = (method, _) => method == troubled && Interlocked.Increment(ref once) == 1 ? trouble : PlacementTrouble.None;
            if (troubled == "PUT")
                Assert.Equal(AttachmentState.Attached, (await stage.AttachAsync()).State);
            else
                Assert.True((await stage.DetachAsync()).Done);
            Assert.Equal(troubled == "PUT" ? 1 : 0, stage.Placement.State.Consumers.Count);
        }
        await stage.RequireCleanAsync();
    }

    [Theory, EachDatabase]
    public async Task While_Placement_is_away_the_attachment_says_so_and_goes_on(DatabaseKind kind)
    {
        await using var stage = await AttachmentStage.StartAsync(kind, placement: true);
        stage.Placement.Answer = (_, _) => 503;
        Assert.Equal(AttachmentState.Attaching, (await stage.AttachInHasteAsync()).State);
        await stage.UntilAsync(one => one.Reason?.Contains("Placement", StringComparison.Ordinal) == true);
        Assert.Equal(0, await stage.TakenAsync());
        stage.Placement.Answer = (_, _) => null;
        await AcceleratorStage.UntilAsync(async () =>
        {
            await stage.EndClaimsIfIdleAsync();
            return await stage.AttachmentsAsync() is [{ State: AttachmentState.Attached }];
        });

        stage.Placement.Answer = (method, _) => method == "DELETE" ? 503 : null;
        Assert.False(await stage.DetachInHasteAsync());
        await AcceleratorStage.UntilAsync(async () => await stage.TakenAsync() == 0);
        Assert.Single(stage.Placement.State.Consumers);
        stage.Placement.Answer = (_, _) => null;
        await AcceleratorStage.UntilAsync(async () =>
        {
            await stage.EndClaimsIfIdleAsync();
            return await stage.IsCleanAsync();
        });
    }

    [Fact]
    public async Task An_attach_that_waits_for_Placement_can_be_taken_back()
    {
        await using var stage = await AttachmentStage.StartAsync(DatabaseKind.Sqlite, placement: true);
        stage.Placement.Answer = (method, _) => method == "PUT" ? 503 : null;
        await stage.AttachInHasteAsync();
        await AcceleratorStage.UntilAsync(async () =>
        {
            try
            {
                return (await stage.DetachAsync(AttachTarget.Host)).Done;
            }
            catch (FaultException fault) when (fault.Message.Contains("just being attached", StringComparison.Ordinal))
            {
                return false;
            }
        });
        await stage.RequireCleanAsync();
    }

    [Theory, EachDatabase]
    public async Task A_version_2_delete_gives_the_claim_back(DatabaseKind kind)
    {
        await using var stage = await AttachmentStage.StartAsync(kind, placement: true);
        var arq = (await stage.AttachAsync()).Arq!.Value;
        stage.Placement.Answer = (method, _) => method == "DELETE" ? 503 : null;
        await stage.Conductor.CallAsync(Verbs.DeleteArqs, new DeleteArqs(TestConductor.Scope(TestConductor.Project), [arq], AlsoBound: true));
        await stage.UntilAsync(one => one.Reason?.Contains("503", StringComparison.Ordinal) == true);
        Assert.Equal((AttachmentState.Detaching, (Guid?)null), ((await stage.AttachmentsAsync())[0].State, (await stage.AttachmentsAsync())[0].Arq));
        stage.Placement.Answer = (_, _) => null;
        await AcceleratorStage.UntilAsync(async () =>
        {
            await stage.EndClaimsIfIdleAsync();
            return await stage.IsCleanAsync();
        });
    }

    [Fact]
    public async Task A_consumer_that_only_Placement_knows_is_another_one()
    {
        await using var stage = await AttachmentStage.StartAsync(DatabaseKind.Sqlite, placement: true);
        await stage.AttachAsync();
        Claim(stage, Guid.NewGuid());
        Assert.Equal(FaultCode.Conflict, (await stage.DetachFaultAsync()).Code);
        stage.Placement.Answer = (method, path) => path.EndsWith("/allocations", StringComparison.Ordinal) ? 503 : null;
        Assert.Equal(FaultCode.Unavailable, (await stage.DetachFaultAsync()).Code);
        Assert.Equal(AttachmentState.Attached, Assert.Single(await stage.AttachmentsAsync()).State);
        Assert.True((await stage.DetachAsync(AttachTarget.Host)).Done);
        Assert.Single(stage.Placement.State.Consumers);
    }

    private static void Claim(AttachmentStage stage, Guid consumer)
    {
        var body = new Dictionary<string, object?>
        {
            ["allocations"] = new Dictionary<string, object> { [$"{AttachmentStage.Provider}"] = new { resources = new { FPGA = 1 } } },
            ["project_id"] = TestConductor.Project,
            ["user_id"] = "u1",
            ["consumer_generation"] = null,
            ["consumer_type"] = "INSTANCE",
        };
        Assert.Equal(204, stage.Placement.State.Handle("PUT", $"/allocations/{consumer}", JsonSerializer.SerializeToUtf8Bytes(body), "placement 1.38").Status);
    }

    private static (Guid, string, string, string) Single(AttachmentStage stage)
    {
        var (uuid, consumer) = Assert.Single(stage.Placement.State.Consumers);
        return (uuid, consumer.Type, consumer.Project, consumer.User);
    }
}
