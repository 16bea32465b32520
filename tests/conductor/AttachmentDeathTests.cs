using Cyborg.Hosting.Faults;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.TestServers;

namespace Cyborg.Conductor.Tests;

[CollectionDefinition(nameof(AttachmentDeathTests), DisableParallelization = true)]
public sealed class AttachmentDeathCollection;

/// <summary>A conductor that dies at any moment of an attachment: another one finishes, nothing is lost and nothing is done twice.</summary>
[Collection(nameof(AttachmentDeathTests))]
public sealed class AttachmentDeathTests : IDisposable
{
    public static TheoryData<FaultPoint, DatabaseKind> Points
    {
        get
        {
            var points = new TheoryData<FaultPoint, DatabaseKind>();
            foreach (var point in FaultPoints.OfAttachments)
            {
                foreach (var kind in Enum.GetValues<DatabaseKind>())
                    points.Add(point, kind);
            }
            return points;
        }
    }

    public void Dispose() => FaultPoints.Reached = null;

    [Theory]
    [MemberData(nameof(Points))]
    public async Task What_a_conductor_leaves_another_finishes(FaultPoint point, DatabaseKind kind)
    {
        var server = Guid.NewGuid();
        await using var nova = await FakeNova.StartNewAsync();
        nova.Place(server, hasHost: true, TestConductor.Project);
        await using var stage = await AttachmentStage.StartAsync(kind, nova: nova.Endpoint, placement: true);
        var deaths = 0;
        FaultPoints.Reached = at =>
        {
            if (at == point && Interlocked.CompareExchange(ref deaths, 1, 0) == 0)
                throw new InvalidOperationException("It dies here.");
        };
        await DieAsync(stage, () => stage.AttachAsync(AttachTarget.Instance, $"{server}"), point <= FaultPoint.AttachmentEnded);
        await using (await stage.Conductor.StartAnotherAsync())
        {
            await UntilAsync(stage, async () => await stage.AttachmentsAsync() is [{ State: AttachmentState.Attached }]);
            var arq = (await stage.AttachmentsAsync())[0].Arq;
            Assert.Equal((1, arq), (await stage.TakenAsync(), Assert.Single(stage.Placement.State.Consumers).Key));
            Assert.All(nova.Actions, action => Assert.Equal(("acc-attach", arq), (action.Name, action.Arq)));

            await DieAsync(stage, () => stage.DetachAsync(), point > FaultPoint.AttachmentEnded);
            await UntilAsync(stage, stage.IsCleanAsync);
            Assert.Equal(1, deaths);
            Assert.Single(nova.Actions.Select(action => action.Arq).Distinct());
        }
    }

    [Theory]
    [InlineData(FaultPoint.AttachmentClaimed)]
    [InlineData(FaultPoint.AttachmentBound)]
    [InlineData(FaultPoint.DetachmentReleased)]
    [InlineData(FaultPoint.DetachmentUnclaimed)]
    public async Task A_refusal_is_undone_whoever_dies(FaultPoint point)
    {
        await using var stage = await AttachmentStage.StartAsync(DatabaseKind.Sqlite, placement: true);
        stage.Work = (work, _) => work == "attach_to_host" ? new HandleWorkResult("no room") : new HandleWorkResult(null);
        var deaths = 0;
        FaultPoints.Reached = at =>
        {
            if (at == point && Interlocked.CompareExchange(ref deaths, 1, 0) == 0)
                throw new InvalidOperationException("It dies here.");
        };
        await DieAsync(stage, () => stage.AttachAsync(), dies: true);
        await UntilAsync(stage, stage.IsCleanAsync);
        Assert.Equal(1, deaths);
    }

    private static async Task DieAsync<T>(AttachmentStage stage, Func<Task<T>> call, bool dies)
    {
        if (!dies)
        {
            await call();
            return;
        }
        Assert.Equal(FaultCode.Internal, (await Assert.ThrowsAsync<FaultException>(call)).Code);
        await stage.EndClaimsAsync();
    }

    private static Task UntilAsync(AttachmentStage stage, Func<Task<bool>> so) => AcceleratorStage.UntilAsync(async () =>
    {
        await stage.EndClaimsIfIdleAsync();
        return await so();
    });
}
