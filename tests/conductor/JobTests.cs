using System.Collections.Concurrent;
using Cyborg.Conductor.Jobs;
using Cyborg.Conductor.Nova;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Conductor.Tests;

/// <summary>Binds and releases that need work on the host, step by step: no background loop runs, each test makes the rounds itself.</summary>
public sealed class JobTests
{
    private static readonly NovaOptions WithNova = TestConductor.NoNova with { Endpoint = new Uri("http://127.0.0.1:1/v2.1/") };

    [Theory, EachDatabase]
    public async Task A_bind_with_host_work_is_started_and_bound_when_the_host_has_done_it(DatabaseKind kind)
    {
        await using var stage = await Stage.StartAsync(kind);
        var arq = await stage.BindAsync();
        Assert.Equal(ArqState.BindStarted, (await stage.Conductor.ShowAsync(arq)).State);
        Assert.NotNull((await stage.Conductor.ShowAsync(arq)).AttachHandleUuid);

        await stage.RoundAsync();

        Assert.Equal(ArqState.Bound, (await stage.Conductor.ShowAsync(arq)).State);
        var work = Assert.Single(stage.Asked);
        Assert.Equal(("attach", arq, TestConductor.Agent.BootId, "card"), (work.Verb, work.Work.ArqUuid, work.Work.BootId, work.Work.DeployableName));
        Assert.Equal([(arq, "completed")], await stage.EventsAsync());
    }

    [Theory, EachDatabase]
    public async Task A_bind_without_host_work_owes_nova_its_event_at_once(DatabaseKind kind)
    {
        await using var stage = await Stage.StartAsync(kind, hostWork: false);
        var arq = await stage.BindAsync();
        Assert.Equal(ArqState.Bound, (await stage.Conductor.ShowAsync(arq)).State);
        Assert.Equal([(arq, "completed")], await stage.EventsAsync());
    }

    [Theory, EachDatabase]
    public async Task A_failed_attach_is_told_first_and_shown_when_the_time_is_up(DatabaseKind kind)
    {
        await using var stage = await Stage.StartAsync(kind);
        stage.Answer = (_, _) => new HandleWorkResult("no power");
        var arq = await stage.BindAsync();

        await stage.RoundAsync();
        Assert.Equal(ArqState.BindStarted, (await stage.Conductor.ShowAsync(arq)).State);
        Assert.Equal([(arq, "failed")], await stage.EventsAsync());

        await stage.RoundAsync();
        Assert.Equal(ArqState.BindStarted, (await stage.Conductor.ShowAsync(arq)).State);
        await stage.AgeAsync(session => session.Arqs.Where(row => row.Uuid == arq).Set(row => row.FailedAt, _ => DatabaseClock.In(-301)).UpdateAsync());
        await stage.RoundAsync();
        Assert.Equal(ArqState.BindFailed, (await stage.Conductor.ShowAsync(arq)).State);
        Assert.Empty(await stage.EventsAsync());
        Assert.Single(stage.Asked);
    }

    [Theory, EachDatabase]
    public async Task Without_a_nova_a_failure_is_shown_at_once(DatabaseKind kind)
    {
        await using var stage = await Stage.StartAsync(kind, nova: TestConductor.NoNova);
        stage.Answer = (_, _) => new HandleWorkResult("no power");
        var arq = await stage.BindAsync();
        await stage.RoundAsync();
        await stage.RoundAsync();
        Assert.Equal(ArqState.BindFailed, (await stage.Conductor.ShowAsync(arq)).State);
    }

    [Theory, EachDatabase]
    public async Task An_unbound_request_leaves_its_handle_releasing_until_the_host_has_undone_its_work(DatabaseKind kind)
    {
        await using var stage = await Stage.StartAsync(kind);
        var arq = await stage.BindAsync();
        await stage.RoundAsync();

        await stage.Conductor.CallAsync(Verbs.UnbindArqs, new UnbindArqs(TestConductor.Scope("p1"), [arq]));
        Assert.Equal(ArqState.Unbound, (await stage.Conductor.ShowAsync(arq)).State);
        Assert.Equal([AttachHandleState.Releasing], await stage.HandlesAsync());
        Assert.Equal(FaultCode.NoFreeAttachHandle, await stage.Conductor.FaultAsync(Verbs.BindArqs, TestConductor.Binding([arq], "card")));

        await stage.RoundAsync();
        Assert.Equal([AttachHandleState.Free], await stage.HandlesAsync());
        Assert.Equal(["attach", "detach"], stage.Asked.Select(asked => asked.Verb));
        Assert.True(stage.Asked[1].Work.Generation > stage.Asked[0].Work.Generation);
        await stage.Conductor.BindAsync([arq], "card");
    }

    [Theory, EachDatabase]
    public async Task A_request_deleted_while_its_host_works_takes_the_handle_along_and_leaks_nothing(DatabaseKind kind)
    {
        await using var stage = await Stage.StartAsync(kind);
        var arq = await stage.BindAsync();
        stage.Answer = (verb, _) =>
        {
            if (verb == "attach")
                stage.Conductor.CallAsync(Verbs.DeleteArqs, new DeleteArqs(TestConductor.Scope("p1"), [arq], true)).GetAwaiter().GetResult();
            return new HandleWorkResult(null);
        };

        await stage.RoundAsync();
        Assert.Equal([AttachHandleState.Releasing], await stage.HandlesAsync());
        await stage.RoundAsync();
        Assert.Equal([AttachHandleState.Free], await stage.HandlesAsync());
        Assert.Empty(await stage.EventsAsync());
    }

    [Theory, EachDatabase]
    public async Task A_job_of_a_conductor_that_died_is_done_by_another_when_its_claim_has_run_out(DatabaseKind kind)
    {
        await using var stage = await Stage.StartAsync(kind);
        var arq = await stage.BindAsync();
        await stage.AgeAsync(session => HandleJobStore.ClaimAsync(session, Guid.NewGuid(), 10, 3600, new OverdueAfter(60, 60)));

        await stage.RoundAsync();
        Assert.Empty(stage.Asked);

        await stage.AgeAsync(session => session.AttachHandles.Set(row => row.JobUntil, _ => DatabaseClock.In(-1)).UpdateAsync());
        await stage.RoundAsync();
        Assert.Equal(ArqState.Bound, (await stage.Conductor.ShowAsync(arq)).State);
    }

    [Theory, EachDatabase]
    public async Task A_conductor_that_lost_its_claim_changes_nothing(DatabaseKind kind)
    {
        await using var stage = await Stage.StartAsync(kind);
        var arq = await stage.BindAsync();
        stage.Answer = (_, _) =>
        {
            stage.AgeAsync(session => session.AttachHandles.Set(row => row.JobToken, Guid.NewGuid()).UpdateAsync()).GetAwaiter().GetResult();
            return new HandleWorkResult(null);
        };
        await stage.RoundAsync();
        Assert.Equal(ArqState.BindStarted, (await stage.Conductor.ShowAsync(arq)).State);
        Assert.Empty(await stage.EventsAsync());
    }

    [Theory, EachDatabase]
    public async Task An_agent_that_is_away_is_asked_again_and_a_bind_fails_when_it_is_overdue(DatabaseKind kind)
    {
        await using var stage = await Stage.StartAsync(kind);
        var arq = await stage.BindAsync();
        await stage.StopAgentAsync();

        await stage.RoundAsync();
        await stage.RoundAsync();
        Assert.Equal(ArqState.BindStarted, (await stage.Conductor.ShowAsync(arq)).State);
        Assert.Empty(await stage.EventsAsync());

        await stage.AgeAsync(session => session.AttachHandles
            .Set(row => row.JobAfter, (DateTimeOffset?)null).Set(row => row.JobBegan, _ => DatabaseClock.In(-61)).UpdateAsync());
        await stage.RoundAsync();
        Assert.Equal([(arq, "failed")], await stage.EventsAsync());
    }

    [Theory, EachDatabase]
    public async Task A_release_that_keeps_failing_ends_in_error_and_is_never_handed_out(DatabaseKind kind)
    {
        await using var stage = await Stage.StartAsync(kind);
        var arq = await stage.BindAsync();
        await stage.RoundAsync();
        stage.Answer = (_, _) => new HandleWorkResult("stuck");
        await stage.Conductor.CallAsync(Verbs.DeleteArqs, new DeleteArqs(TestConductor.Scope("p1"), [arq], true));

        for (var round = 0; round < JobRules.MostReleases; round++)
        {
            Assert.Equal([AttachHandleState.Releasing], await stage.HandlesAsync());
            await stage.RoundAsync();
            await stage.AgeAsync(session => session.AttachHandles.Set(row => row.JobAfter, (DateTimeOffset?)null).UpdateAsync());
        }
        Assert.Equal([AttachHandleState.Error], await stage.HandlesAsync());
        var other = await stage.Conductor.CreateAsync();
        Assert.Equal(FaultCode.NoFreeAttachHandle, await stage.Conductor.FaultAsync(Verbs.BindArqs, TestConductor.Binding(other, "card")));
    }

    [Theory, EachDatabase]
    public async Task Drift_is_found_told_and_mended(DatabaseKind kind)
    {
        await using var stage = await Stage.StartAsync(kind, handles: 4);
        var arqs = new[] { await stage.BindAsync(), await stage.BindAsync(), await stage.BindAsync() };
        await stage.RoundAsync();
        await stage.AgeAsync(async session =>
        {
            // An ARQ that is gone, one whose bind lost its job, and one whose handle is gone.
            await session.Arqs.Where(row => row.Uuid == arqs[0]).DeleteAsync();
            await session.Arqs.Where(row => row.Uuid == arqs[1]).Set(row => row.State, ArqState.BindStarted).UpdateAsync();
            return await session.AttachHandles.Where(row => row.ArqUuid == arqs[2]).DeleteAsync();
        });

        var found = await Reconcile.Drift.FindAsync(stage.Conductor.Database, tellNova: true, TestContext.Current.CancellationToken);
        Assert.Equal(arqs, found.Select(finding => finding.ArqUuid));
        var reconciler = new Reconcile.Reconciler(stage.Conductor.Database, true, NullLogger.Instance, TimeProvider.System);
        await reconciler.RoundAsync(TestContext.Current.CancellationToken);

        Assert.Empty(await Reconcile.Drift.FindAsync(stage.Conductor.Database, tellNova: true, TestContext.Current.CancellationToken));
        await stage.RoundAsync();
        Assert.Equal(ArqState.Bound, (await stage.Conductor.ShowAsync(arqs[1])).State);
        Assert.Equal(ArqState.BindFailed, (await stage.Conductor.ShowAsync(arqs[2])).State);
        Assert.Equal(1, (await stage.HandlesAsync()).Count(state => state == AttachHandleState.Held));
        Assert.DoesNotContain(AttachHandleState.Releasing, await stage.HandlesAsync());
    }

    /// <summary>A conductor, a scripted agent, and the rounds of one worker.</summary>
    private sealed class Stage : IAsyncDisposable
    {
        private readonly HandleJobs _jobs;
        private readonly BusClient _client;
        private readonly BusServer _agent;

        private Stage(TestConductor conductor, NovaOptions nova)
        {
            Conductor = conductor;
            _client = new BusClient(conductor.Bus.Connect(), TestConductor.Patient, NullLoggerFactory.Instance, TimeProvider.System);
            _jobs = new HandleJobs(conductor.Database, _client, nova, relay: null, NullLogger.Instance, TimeProvider.System);
            _agent = new BusServer(conductor.Bus.Connect(), TestConductor.Patient, NullLoggerFactory.Instance, TimeProvider.System);
            _agent.Map(Verbs.AttachHandle, (work, _, _) => AnswerAsync("attach", work), TestConductor.Host);
            _agent.Map(Verbs.DetachHandle, (work, _, _) => AnswerAsync("detach", work), TestConductor.Host);
        }

        public TestConductor Conductor { get; }

        public Func<string, HandleWork, HandleWorkResult> Answer { get; set; } = (_, _) => new HandleWorkResult(null);

        private readonly ConcurrentQueue<(string Verb, HandleWork Work)> _asked = new();

        public IReadOnlyList<(string Verb, HandleWork Work)> Asked => [.. _asked];

        public static async Task<Stage> StartAsync(DatabaseKind kind, bool hostWork = true, NovaOptions? nova = null, int handles = 1)
        {
            var stage = new Stage(await TestConductor.StartAsync(kind, nova ?? WithNova, quiet: true), nova ?? WithNova);
            await stage._agent.StartAsync(TestContext.Current.CancellationToken);
            await stage.Conductor.ReportAsync(TestConductor.Card("card", handles, hostWork));
            return stage;
        }

        public async Task<Guid> BindAsync()
        {
            var arqs = await Conductor.CreateAsync();
            await Conductor.BindAsync(arqs, "card");
            return arqs[0];
        }

        public async Task RoundAsync()
        {
            await _jobs.RoundAsync(TestContext.Current.CancellationToken);
            await _jobs.WhenIdleAsync();
        }

        public Task AgeAsync<T>(Func<Session, Task<T>> change) => Conductor.Database.TransactAsync(change, TestContext.Current.CancellationToken);

        public async Task StopAgentAsync() => await _agent.DisposeAsync();

        public Task<List<AttachHandleState>> HandlesAsync() =>
            Conductor.Database.ReadAsync(session => session.AttachHandles.OrderBy(row => row.Id).Select(row => row.State).ToListAsync(), TestContext.Current.CancellationToken);

        public async Task<IEnumerable<(Guid, string)>> EventsAsync() =>
            (await Conductor.Database.ReadAsync(session => session.NovaEvents.OrderBy(row => row.Id).ToListAsync(), TestContext.Current.CancellationToken))
                .Select(row => (row.ArqUuid, row.Status));

        public async ValueTask DisposeAsync()
        {
            await _agent.DisposeAsync();
            await _client.DisposeAsync();
            await Conductor.DisposeAsync();
        }

        private Task<HandleWorkResult> AnswerAsync(string verb, HandleWork work)
        {
            _asked.Enqueue((verb, work));
            return Task.FromResult(Answer(verb, work));
        }
    }
}
