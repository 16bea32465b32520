using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Conductor.Tests;

/// <summary>Several callers attach, detach, bind and delete in any order, on a host that refuses now and then, with two conductors: nothing is given twice, and
/// nothing is left.</summary>
public sealed class RandomAttachmentTests(ITestOutputHelper output)
{
    private const int Callers = 4, Rounds = 12, Handles = 3;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task Any_order_of_attaches_detaches_and_deletes_ends_clean(DatabaseKind kind)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var server = Guid.NewGuid();
        await using var nova = await FakeNova.StartNewAsync();
        for (var caller = 0; caller < Callers; caller++)
            nova.Place(Of(server, caller), hasHost: true, $"p{caller}");
        await using var stage = await AttachmentStage.StartAsync(kind, Handles, nova.Endpoint, placement: true);
        var refusals = new Random(seed);
        stage.Work = (work, _) =>
        {
            lock (refusals)
                return new HandleWorkResult(work == "attach_to_host" && refusals.Next(5) == 0 ? "not today" : null);
        };
        await using (await stage.Conductor.StartAnotherAsync())
        {
            await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => WalkAsync(stage, caller, Of(server, caller), new Random(seed + caller + 1))));
            await RequireSoundAsync(stage);
            foreach (var one in await stage.AttachmentsAsync())
            {
                await stage.CallAsync(Verbs.DetachAccelerator, new DetachAccelerator(stage.Card, one.TargetType, one.Target), admin: true)
                    .ContinueWith(_ => { }, Stop, TaskContinuationOptions.None, TaskScheduler.Default);
            }
            await AcceleratorStage.UntilAsync(async () =>
            {
                await stage.EndClaimsIfIdleAsync();
                return await stage.IsCleanAsync();
            });
        }
        // What the host has attached it has detached, each once.
        Assert.All(stage.Done.GroupBy(done => done.Arq), works => Assert.Equal(["attach_to_host", "detach_from_host"], works.Select(done => done.Work)));
    }

    private static async Task WalkAsync(AttachmentStage stage, int caller, Guid server, Random random)
    {
        var project = $"p{caller}";
        for (var round = 0; round < Rounds; round++)
        {
            try
            {
                switch (random.Next(6))
                {
                    case 0 or 1:
                        await stage.AttachAsync(project: project);
                        break;
                    case 2:
                        await stage.AttachAsync(AttachTarget.Instance, $"{server}", project);
                        break;
                    case 3:
                        await stage.DetachAsync(random.Next(2) == 0 ? AttachTarget.Host : null, project: project);
                        break;
                    case 4:
                        await stage.Conductor.CallAsync(Verbs.DeleteInstanceArqs, new DeleteInstanceArqs(ProjectScope.All, server));
                        break;
                    default:
                        var arqs = (await stage.CallAsync(Verbs.ListArqs, new ListArqs(TestConductor.Scope(project), null), project)).Arqs;
                        if (arqs.Count > 0)
                            await stage.CallAsync(Verbs.DeleteArqs, new DeleteArqs(TestConductor.Scope(project), [arqs[random.Next(arqs.Count)].Uuid], true), project);
                        break;
                }
            }
            catch (FaultException fault) when (fault.Code is FaultCode.Conflict or FaultCode.BackendFailed or FaultCode.ArqNotFound or FaultCode.ArqBadState)
            {
                // As it may be.
            }
        }
    }

    /// <summary>An attached one has its ARQ bound, its handle and its claim; there is no ARQ and no claim beside.</summary>
    private static async Task RequireSoundAsync(AttachmentStage stage)
    {
        await AcceleratorStage.UntilAsync(async () =>
        {
            await stage.EndClaimsIfIdleAsync();
            return (await stage.AttachmentsAsync()).TrueForAll(one => one.State == AttachmentState.Attached);
        });
        var attached = await stage.AttachmentsAsync();
        var bound = await stage.Conductor.Database.ReadAsync(
            session => session.Arqs.Where(arq => arq.State == ArqState.Bound).Select(arq => arq.Uuid).ToListAsync(Stop), Stop);
        Assert.Equal(attached.Select(one => one.Arq!.Value).Order(), bound.Order());
        Assert.Equal(bound.Order(), stage.Placement.State.Consumers.Keys.Order());
        Assert.Equal(attached.Count, await stage.TakenAsync());
        Assert.Equal(attached.Count, attached.Select(one => one.HandleInfo).Distinct().Count());
    }

    private static Guid Of(Guid server, int caller)
    {
        var bytes = server.ToByteArray();
        bytes[^1] = (byte)caller;
        return new Guid(bytes);
    }
}
