using System.Collections.Concurrent;
using System.Diagnostics;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using Microsoft.Extensions.Logging;

namespace Cyborg.Conductor.Accelerators;

/// <summary>How the work of a backend ended, as far as one caller waited for it.</summary>
/// <param name="Ended">True if it is done.</param>
/// <param name="Refusal">Why it failed for good; null if it did not.</param>
/// <param name="NotSupported">True if the backend cannot do such a thing at all.</param>
internal sealed record JobEnd(bool Ended, string? Refusal = null, bool NotSupported = false);

/// <summary>Has backends make, change and take away accelerators. The rows are the jobs: who orders one has claimed it and waits for it; what it does not see
/// the end of, or whose conductor dies, is claimed by the background of any conductor when the claim has run out.</summary>
internal sealed class AcceleratorJobs(CyborgDatabase database, BusClient agents, ILogger log, TimeProvider time)
{
    /// <summary>How long a caller waits for a backend.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>How long a claim holds: more than one question to an agent takes.</summary>
    public static readonly TimeSpan Claim = TimeSpan.FromSeconds(75);

    private const int AtOnce = 32;

    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly Pulse _pulse = new(Pulse.Seldom, time);
    private readonly ConcurrentDictionary<Task, bool> _running = new();

    /// <summary>How long a call may still wait for a backend.</summary>
    /// <param name="call">The call.</param>
    /// <param name="margin">See <see cref="ConductorOptions.AnswerMargin"/>.</param>
    /// <param name="began">When it came, see <see cref="Stopwatch.GetTimestamp"/>.</param>
    public static TimeSpan TimeFor(CallContext call, TimeSpan margin, long began)
    {
        var left = call.TimeLeft - margin;
        left = (left < Patience ? left : Patience) - Stopwatch.GetElapsedTime(began);
        return left < TimeSpan.Zero ? TimeSpan.Zero : left;
    }

    /// <summary>There is something that nobody does.</summary>
    public void Nudge() => _pulse.Nudge();

    /// <summary>Works until it is stopped, then waits for the calls under way to be given up.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await _pulse.RunAsync(RoundAsync, error => Log.BackendJobsFailed(log, error), stop);
        await Task.WhenAll(_running.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Claims and starts what is due.</summary>
    public async Task<bool> RoundAsync(CancellationToken stop)
    {
        var room = AtOnce - _running.Count;
        if (room <= 0 || !await database.ReadAsync(AcceleratorJobStore.AnyDueAsync, stop))
            return false;
        var token = Guid.NewGuid();
        var jobs = await database.TransactAsync(session => AcceleratorJobStore.ClaimAsync(session, token, room, Claim.TotalSeconds), stop);
        foreach (var job in jobs)
        {
            var work = Task.Run(() => InBackgroundAsync(job, token, stop), CancellationToken.None);
            _running[work] = true;
            _ = work.ContinueWith(
                ended => _running.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        return false;
    }

    /// <summary>For tests: ends when what runs now has ended.</summary>
    public Task WhenIdleAsync() => Task.WhenAll(_running.Keys);

    /// <summary>Does what was ordered with a claim, as long as there is time; what is not done then goes on in the background. A call that was sent again has
    /// another claim than its first arrival: it looks on.</summary>
    public async Task<JobEnd> FinishAsync(Guid uuid, Guid token, TimeSpan patience, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        var jobs = await database.ReadAsync(session => AcceleratorJobStore.JobsAsync(session, token), stop);
        if (jobs.Count == 0)
            return await LookOnAsync(uuid, patience, stop);
        var job = jobs[0];
        while (true)
        {
            var left = patience - Stopwatch.GetElapsedTime(began);
            var (result, problem) = await AskAsync(job, left > Again ? left : Again, stop);
            if (result is not null)
                return await SettleAsync(job, token, result, waitedFor: true, stop);
            if (patience - Stopwatch.GetElapsedTime(began) <= Again)
            {
                await PostponeAsync(job, token, problem!, stop);
                return new JobEnd(Ended: false);
            }
            await Task.Delay(Again, stop);
        }
    }

    /// <summary>Waits until an order is as wanted, or gone, or the time is over; the last look, null if it is gone.</summary>
    public async Task<OrderLook?> PollAsync(Guid uuid, Func<OrderLook, bool> wanted, TimeSpan patience, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var look = await database.ReadAsync(session => AcceleratorJobStore.LookAsync(session, uuid), stop);
            if (look is null || wanted(look) || Stopwatch.GetElapsedTime(began) + Look > patience)
                return look;
            await Task.Delay(Look, stop);
        }
    }

    private async Task<JobEnd> LookOnAsync(Guid uuid, TimeSpan patience, CancellationToken stop)
    {
        // What the first arrival has settled it has told; what it could not tell shows in the row.
        if (await PollAsync(uuid, look => !look.HasJob, patience, stop) is not { } look)
            return new JobEnd(Ended: true);
        return look.HasJob
            ? new JobEnd(Ended: false)
            : new JobEnd(Ended: true, await database.ReadAsync(session => AcceleratorJobStore.FailureAsync(session, uuid), stop));
    }

    private async Task InBackgroundAsync(AcceleratorJob job, Guid token, CancellationToken stop)
    {
        try
        {
            var (result, problem) = await AskAsync(job, Answer, stop);
            if (result is not null)
                await SettleAsync(job, token, result, waitedFor: false, stop);
            else
                await PostponeAsync(job, token, problem!, stop);
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            // The claim runs out, and it is done again by whoever claims it next.
            Log.BackendJobBroke(log, job.Kind, job.Uuid, error);
        }
    }

    /// <summary>The backend's answer, or why there is none.</summary>
    private async Task<(BackendResult? Result, string? Problem)> AskAsync(AcceleratorJob job, TimeSpan timeLeft, CancellationToken stop)
    {
        if (job is { Kind: not AcceleratorJob.Create, ControlPath: null })
            return (new BackendResult(null, false), null);
        try
        {
            var call = new CallContext { RequestId = $"req-{Guid.NewGuid()}", TimeLeft = timeLeft };
            var result = job.Kind == AcceleratorJob.Create
                ? await agents.CallAsync(
                    Verbs.MakeAccelerator, new MakeAccelerator(job.Driver, job.Backend, job.Uuid, job.Name, job.Specs), call, job.Hostname, stop)
                : await agents.CallAsync(
                    Verbs.ChangeAccelerator,
                    new ChangeAccelerator(job.Driver, job.Uuid, job.ControlPath!, job.Kind == AcceleratorJob.Update ? job.Specs : null), call, job.Hostname, stop);
            return (result, null);
        }
        catch (FaultException fault) when (fault.Code is FaultCode.NotSupportedByDriver or FaultCode.DeviceNotFound or FaultCode.InvalidInput)
        {
            return (new BackendResult(fault.Message, fault.Code == FaultCode.NotSupportedByDriver), null);
        }
        catch (FaultException fault)
        {
            return (null, fault.Message);
        }
    }

    private async Task<JobEnd> SettleAsync(AcceleratorJob job, Guid token, BackendResult result, bool waitedFor, CancellationToken stop)
    {
        var settled = await database.TransactAsync(
            async session =>
            {
                if (result.Error is { } error)
                {
                    return waitedFor && job.Kind == AcceleratorJob.Create
                        ? await AcceleratorJobStore.ForgetAsync(session, job, token)
                        : await AcceleratorJobStore.FailAsync(session, job, token, error);
                }
                if (!await AcceleratorJobStore.CompleteAsync(session, job, token))
                    return false;
                if (job.Kind == AcceleratorJob.Update)
                    await AcceleratorEventStore.InsertAsync(session, [job.Uuid], AcceleratorEvents.Updated, null);
                return true;
            },
            stop);
        if (settled && result.Error is { } reason)
            Log.BackendRefused(log, job.Kind, job.Uuid, job.Hostname, reason);
        else if (settled)
            Log.BackendDone(log, job.Kind, job.Uuid, job.Hostname);
        return new JobEnd(Ended: result.Error is null, result.Error, result.NotSupported);
    }

    private async Task PostponeAsync(AcceleratorJob job, Guid token, string problem, CancellationToken stop)
    {
        if (await database.TransactAsync(session => AcceleratorJobStore.PostponeAsync(session, job, token, Delay(job.Attempts), problem), stop))
            Log.BackendLater(log, job.Kind, job.Uuid, job.Hostname, problem);
    }

    /// <summary>Seconds until the next attempt: 1, 2, 4, ... 30.</summary>
    internal static double Delay(int attempts) => Math.Min(Math.Pow(2, Math.Clamp(attempts - 1, 0, 10)), 30);
}
