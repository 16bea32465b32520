using System.Collections.Concurrent;
using Cyborg.Conductor.Deployables;
using Cyborg.Conductor.Nova;
using Cyborg.Conductor.Telemetry;
using Cyborg.Hosting.Faults;
using Cyborg.Hosting.Telemetry;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using Microsoft.Extensions.Logging;

namespace Cyborg.Conductor.Jobs;

/// <summary>Has hosts do what handles need: attach them for a bind, detach them after. The rows are the jobs; this claims them for some seconds,
/// renews its claims while agents work, and writes each outcome on condition that the claim and the handle's generation still stand.</summary>
internal sealed class HandleJobs(CyborgDatabase database, BusClient agents, NovaOptions nova, EventRelay? relay, ILogger log, TimeProvider time)
{
    private const int AtOnce = 64;

    // Short, so that the jobs of a conductor that died are soon somebody's; renewed while they run.
    private static readonly TimeSpan Claim = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(1);

    // So often that claims are kept even if nobody nudges it.
    private readonly Pulse _pulse = new(Claim / 2, time);
    private readonly ConcurrentDictionary<Task, Guid> _running = new();
    private long _lastRound = time.GetTimestamp();

    /// <summary>Has hosts program deployables; kept alive by the rounds.</summary>
    public DeployablePrograms Programs { get; } = new(database, agents, log, time);

    /// <summary>Which trace each bind belongs to.</summary>
    public BindTraces Traces { get; init; } = new();

    /// <summary>How old what it looks for must be.</summary>
    public HandleAges Ages { get; } = new(nova.IsTold ? nova.EventTimeout.TotalSeconds : 0, DeployablePrograms.ForgottenSeconds);

    /// <summary>True if it has claims to renew: it is to be nudged.</summary>
    public bool WantsRenewal => (!_running.IsEmpty || Programs.HasClaims) && time.GetElapsedTime(Interlocked.Read(ref _lastRound)) >= Renewal;

    /// <summary>There is a new job.</summary>
    public void Nudge() => _pulse.Nudge();

    /// <summary>Works until it is stopped, then waits for the calls under way to be given up.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await _pulse.RunAsync(RoundAsync, error => Log.JobsFailed(log, error), stop);
        await Programs.DisposeAsync();
        await Task.WhenAll(_running.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Claims and starts what is due; true if there may be more.</summary>
    public async Task<bool> RoundAsync(CancellationToken stop)
    {
        Interlocked.Exchange(ref _lastRound, time.GetTimestamp());
        var look = await database.ReadAsync(session => WorkStore.HandlesAsync(session, Ages, stop), stop);
        if (look.FailureUnshown)
            await ShowFailedAsync(Ages.Untold, stop);
        if (look.ProgrammingAbandoned)
            await Programs.SweepAsync(stop);
        await Programs.RenewAsync(stop);
        if (!_running.IsEmpty)
            await database.TransactAsync(session => HandleJobStore.RenewAsync(session, [.. _running.Values.Distinct()], Claim.TotalSeconds), stop);
        var room = AtOnce - _running.Count;
        if (!look.JobDue || room <= 0)
            return false;
        var token = Guid.NewGuid();
        var jobs = await database.TransactAsync(
            session => HandleJobStore.ClaimAsync(session, token, room, Claim.TotalSeconds, JobRules.Overdue(nova.BindTimeout, nova.EventTimeout)), stop);
        foreach (var job in jobs)
            Start(job, token, stop);
        return jobs.Count == room;
    }

    /// <summary>For tests: ends when the jobs that run now have ended.</summary>
    public Task WhenIdleAsync() => Task.WhenAll(_running.Keys);

    private async Task ShowFailedAsync(double olderThanSeconds, CancellationToken stop)
    {
        var shown = await database.TransactAsync(
            async session =>
            {
                var uuids = await ArqStore.ShowFailedAsync(session, olderThanSeconds);
                if (uuids.Count > 0)
                    await NovaEventStore.ForgetAsync(session, uuids);
                return uuids;
            },
            stop);
        foreach (var arq in shown)
            Log.BindFailureShown(log, arq);
    }

    private void Start(HandleJob job, Guid token, CancellationToken stop)
    {
        var task = new Task<Task>(() => DoAsync(job, token, stop), stop);
        var whole = task.Unwrap();
        _running[whole] = token;
        _ = whole.ContinueWith(
            ended =>
            {
                _running.TryRemove(ended, out _);
                _pulse.Nudge();
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        task.Start(TaskScheduler.Default);
    }

    private async Task DoAsync(HandleJob job, Guid token, CancellationToken stop)
    {
        FaultPoints.Reach(job.Attach ? FaultPoint.AttachClaimed : FaultPoint.ReleaseClaimed);
        try
        {
            using var span = ConductorTraces.Start(Tracing.JobPrefix + (job.Attach ? "attach" : "detach"), Traces.Of(job.ArqUuid));
            span?.SetTag("cyborg.arq", job.ArqUuid);
            var began = time.GetTimestamp();
            var (step, failure) = await AskAsync(job, stop);
            if (job.Attach)
            {
                ConductorMetrics.BindSteps.Record(
                    time.GetElapsedTime(began).TotalSeconds,
                    ConductorMetrics.Tag("step", "host"), ConductorMetrics.Tag("outcome", step == JobStep.Complete ? "ok" : "failed"));
            }
            FaultPoints.Reach(job.Attach ? FaultPoint.AttachAnswered : FaultPoint.ReleaseAnswered);
            await SettleAsync(job, token, step, failure, stop);
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            // The claim runs out, and the job is done again by whoever claims it next.
            Log.JobBroke(log, job.ArqUuid, job.HandleUuid, error);
        }
    }

    private async Task<(JobStep Step, string? Failure)> AskAsync(HandleJob job, CancellationToken stop)
    {
        if (job.Wish is { } wish)
        {
            // Nova waits for the bind as long as it is told of a failed one.
            var answer = await Programs.ForJobAsync(job, wish, nova.EventTimeout, stop);
            _pulse.Nudge();
            if (answer.Step != ProgramStep.Ready)
                return (JobRules.AfterProgramming(job, answer.Step), answer.Reason);
        }
        if (job.Attach && !job.Handle.HostWork && !job.ToHost)
            return (JobStep.Complete, null);
        if (job.BootId is not { } boot)
            return (JobRules.AfterFault(job, FaultCode.NoResponder), $"The agent of host {job.Hostname} was never heard of.");
        var work = new HandleWork(
            job.HandleUuid, job.ArqUuid, job.Generation, boot, job.Driver, job.DeployableName, job.ControlPath, job.Handle);
        try
        {
            var call = new CallContext { RequestId = $"req-{Guid.NewGuid()}", TimeLeft = Answer };
            var result = await agents.CallAsync(Verb(job), work, call, job.Hostname, stop);
            if (result.NotSupported && job.Attach)
                await NotSupportedAsync(job, stop);
            return (JobRules.After(job, result.Error), result.Error);
        }
        catch (FaultException fault)
        {
            if (job.Attach && fault.Code == FaultCode.NotSupportedByDriver)
                await NotSupportedAsync(job, stop);
            return (JobRules.AfterFault(job, fault.Code), fault.Message);
        }
    }

    private static Verb<HandleWork, HandleWorkResult> Verb(HandleJob job) => (job.Attach, job.ToHost) switch
    {
        (true, true) => Verbs.AttachToHost,
        (false, true) => Verbs.DetachFromHost,
        (true, false) => Verbs.AttachHandle,
        _ => Verbs.DetachHandle,
    };

    /// <summary>Notes what kind of failure it is, for who waits for an attachment of API v1.</summary>
    private Task<int> NotSupportedAsync(HandleJob job, CancellationToken stop) =>
        database.TransactAsync(session => AttachmentJobStore.FaultAsync(session, job.ArqUuid, FaultCode.NotSupportedByDriver), stop);

    private async Task SettleAsync(HandleJob job, Guid token, JobStep step, string? failure, CancellationToken stop)
    {
        var settled = await database.TransactAsync(
            session => step switch
            {
                JobStep.Postpone => HandleJobStore.PostponeAsync(session, job, token, JobRules.Delay(job.Attempts), failure ?? "It waits for its deployable."),
                JobStep.Complete when job.Attach => CompleteAttachAsync(session, job, token),
                JobStep.Complete => HandleJobStore.EndReleaseAsync(session, job, token),
                _ when job.Attach => FailAttachAsync(session, job, token, failure!),
                _ => HandleJobStore.GiveUpReleaseAsync(session, job, token, failure!),
            },
            stop);
        if (!settled)
        {
            Log.JobMovedOn(log, job.ArqUuid, job.HandleUuid);
            return;
        }
        if (job.Attach && step != JobStep.Postpone)
        {
            FaultPoints.Reach(FaultPoint.AttachCompleted);
            relay?.Nudge();
        }
        Tell(job, step, failure);
    }

    // Locks in the house's order: the ARQ, the handle, the outbox.
    private async Task<bool> CompleteAttachAsync(Session session, HandleJob job, Guid token)
    {
        if (job.ArqGeneration is not { } generation || !await ArqStore.LockStartedAsync(session, job.ArqUuid, generation)
            || !await HandleJobStore.EndAttachAsync(session, job, token, failure: null))
        {
            return false;
        }
        await ArqStore.CompleteAsync(session, job.ArqUuid);
        if (nova.IsTold)
            await NovaEventStore.InsertAsync(session, job.ArqUuid, NovaEventStore.Completed);
        return true;
    }

    private async Task<bool> FailAttachAsync(Session session, HandleJob job, Guid token, string failure)
    {
        if (job.ArqGeneration is not { } generation || !await ArqStore.LockStartedAsync(session, job.ArqUuid, generation)
            || !await HandleJobStore.EndAttachAsync(session, job, token, failure))
        {
            return false;
        }
        await ArqStore.FailAsync(session, job.ArqUuid, failure);
        if (nova.IsTold)
            await NovaEventStore.InsertAsync(session, job.ArqUuid, NovaEventStore.Failed);
        return true;
    }

    private void Tell(HandleJob job, JobStep step, string? failure)
    {
        switch (step)
        {
            case JobStep.Complete when job.Attach:
                Log.Attached(log, job.ArqUuid, job.HandleUuid, job.Hostname);
                break;
            case JobStep.Complete:
                Log.Released(log, job.ArqUuid, job.HandleUuid, job.Hostname);
                break;
            case JobStep.Fail when job.Attach:
                Log.AttachFailed(log, job.ArqUuid, job.HandleUuid, job.Hostname, failure);
                break;
            case JobStep.Fail:
                Log.ReleaseGivenUp(log, job.ArqUuid, job.HandleUuid, job.Hostname, failure);
                break;
            default:
                Log.JobPostponed(log, job.ArqUuid, job.HandleUuid, job.Hostname, failure);
                break;
        }
    }
}
