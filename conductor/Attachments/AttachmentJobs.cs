using System.Collections.Concurrent;
using System.Diagnostics;
using Cyborg.Hosting.Faults;
using Cyborg.Messaging;
using Cyborg.Model;
using Cyborg.Storage;
using Cyborg.Storage.Rows;
using Microsoft.Extensions.Logging;

namespace Cyborg.Conductor.Attachments;

/// <summary>How an attachment's way ended, as far as one caller waited for it.</summary>
/// <param name="Ended">True if it is attached, or gone.</param>
/// <param name="Refusal">Why it was given back, or is still attached; null if it is as was asked for, or goes on.</param>
/// <param name="Gone">True if nothing of it is left.</param>
internal sealed record AttachmentEnd(bool Ended, FaultException? Refusal = null, bool Gone = false);

/// <summary>Leads attachments from step to step. The rows are the jobs: who asks for one has claimed it and goes with it; what it does not see the end of, or
/// whose conductor dies, is claimed by the background of any conductor when the claim has run out.</summary>
internal sealed class AttachmentJobs(CyborgDatabase database, AttachmentSteps steps, ILogger log, TimeProvider time)
{
    /// <summary>How long a caller waits.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const int AtOnce = 32;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan SlowLook = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan StuckPause = TimeSpan.FromSeconds(30);

    private readonly Pulse _pulse = new(Pulse.Seldom, time);
    private readonly ConcurrentDictionary<Task, bool> _running = new();

    /// <summary>How long a call may still wait.</summary>
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
        await _pulse.RunAsync(RoundAsync, error => Log.AttachmentJobsFailed(log, error), stop);
        await Task.WhenAll(_running.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Claims and starts what is due.</summary>
    public async Task<bool> RoundAsync(CancellationToken stop)
    {
        var room = AtOnce - _running.Count;
        if (room <= 0 || !await database.ReadAsync(AttachmentJobStore.AnyDueAsync, stop))
            return false;
        var token = Guid.NewGuid();
        var claimed = await database.TransactAsync(
            session => AttachmentJobStore.ClaimAsync(session, token, room, AttachmentSteps.Claim.TotalSeconds), stop);
        foreach (var uuid in claimed)
        {
            var work = Task.Run(() => InBackgroundAsync(uuid, token, stop), CancellationToken.None);
            _running[work] = true;
            _ = work.ContinueWith(
                ended => _running.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        return false;
    }

    /// <summary>For tests: ends when what runs now has ended.</summary>
    public Task WhenIdleAsync() => Task.WhenAll(_running.Keys);

    /// <summary>Goes on with a claim, as long as there is time; what is not done then goes on in the background. Who has lost the claim looks on.</summary>
    public async Task<AttachmentEnd> FinishAsync(Guid uuid, Guid token, TimeSpan patience, CancellationToken stop)
    {
        try
        {
            return await GoAsync(uuid, token, patience, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The call's time is over, or the conductor stops: nobody needs to wait for the claim to run out.
            await database.TransactAsync(session => AttachmentJobStore.LetGoAsync(session, uuid, token), CancellationToken.None);
            throw;
        }
    }

    private async Task<AttachmentEnd> GoAsync(Guid uuid, Guid token, TimeSpan patience, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var turn = await TurnAsync(uuid, token, stop);
            var left = patience - Stopwatch.GetElapsedTime(began);
            if (turn.End is { } end)
                return end;
            if (turn.Lost)
                return await LookOnAsync(uuid, left, stop);
            if (turn.Pause is not { } pause)
                continue;
            if (left <= pause)
            {
                await GiveBackAsync(turn, token, TimeSpan.Zero, stop);
                return new AttachmentEnd(Ended: false);
            }
            await Task.Delay(pause, time, stop);
        }
    }

    /// <summary>Waits for what somebody else does, as long as there is time.</summary>
    public async Task<AttachmentEnd> LookOnAsync(Guid uuid, TimeSpan patience, CancellationToken stop)
    {
        var (began, reason) = (Stopwatch.GetTimestamp(), (FaultException?)null);
        _pulse.Nudge();
        while (true)
        {
            var row = await database.ReadAsync(session => AttachmentStore.RowAsync(session, uuid), stop);
            if (row is null or { Step: null })
                return new AttachmentEnd(Ended: true, reason, Gone: row is null);
            reason = Refusal(row) ?? reason;
            if (row.State == AttachmentState.Error)
                return new AttachmentEnd(Ended: false, reason);
            if (Stopwatch.GetElapsedTime(began) + Look > patience)
                return new AttachmentEnd(Ended: false);
            await Task.Delay(Look, time, stop);
        }
    }

    private sealed record Turn(AttachmentJob? Job = null, AttachmentEnd? End = null, bool Lost = false, TimeSpan? Pause = null, string? Problem = null);

    private async Task InBackgroundAsync(Guid uuid, Guid token, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                var turn = await TurnAsync(uuid, token, stop);
                if (turn.End is not null || turn.Lost)
                    return;
                if (turn.Pause is not { } pause)
                    continue;
                // What others are at work on is often done in a moment.
                if (pause < SlowLook)
                {
                    await Task.Delay(pause, time, stop);
                    continue;
                }
                await GiveBackAsync(turn, token, turn.Problem is null ? TimeSpan.FromSeconds(1) : pause, stop);
                return;
            }
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            // The claim runs out, and the step is done again by whoever claims it next.
            Log.AttachmentJobBroke(log, uuid, error);
        }
    }

    private async Task<Turn> TurnAsync(Guid uuid, Guid token, CancellationToken stop)
    {
        var job = await database.TransactAsync(
            session => AttachmentJobStore.RenewAsync(session, uuid, token, AttachmentSteps.Claim.TotalSeconds), stop);
        if (job is null)
            return new Turn(Lost: true);
        var outcome = await steps.DoAsync(job, token, stop);
        if (outcome.Result == StepResult.Moved)
            return new Turn(job);
        var decision = AttachmentRules.After(job, outcome);
        switch (decision.End)
        {
            case StepEnd.Wait:
                return new Turn(job, Pause: job.Age < 2 ? Look : SlowLook, Problem: outcome.Reason);
            case StepEnd.Later:
                var problem = decision.Problem ?? "It could not be done.";
                await database.TransactAsync(session => AttachmentJobStore.TellAsync(session, job, token, problem), stop);
                Log.AttachmentLater(log, uuid, job.Row.Step!.Value, problem);
                return new Turn(job, Pause: TimeSpan.FromSeconds(AttachmentRules.Delay(job.Row.JobAttempts)), Problem: problem);
            default:
                return await SettleAsync(job, token, decision, outcome, stop);
        }
    }

    private async Task<Turn> SettleAsync(AttachmentJob job, Guid token, StepDecision decision, StepOutcome outcome, CancellationToken stop)
    {
        var (row, move) = (job.Row, decision.Move);
        var settled = await database.TransactAsync(
            async session =>
            {
                if (!await (move is null ? AttachmentJobStore.EndAsync(session, job, token) : AttachmentJobStore.MoveAsync(session, job, token, move)))
                    return false;
                if (move is { State: AttachmentState.Attached } && row.State == AttachmentState.Attaching)
                    await AcceleratorEventStore.InsertAsync(session, [row.AcceleratorUuid], AcceleratorEvents.Attached, null);
                if (move is null && row.State == AttachmentState.Detaching && row.Fault is null)
                    await AcceleratorEventStore.InsertAsync(session, [row.AcceleratorUuid], AcceleratorEvents.Detached, null);
                return true;
            },
            stop);
        if (!settled)
            return new Turn(Lost: true);
        Tell(row, move, outcome);
        if (move is null)
            return new Turn(job, new AttachmentEnd(Ended: true, Refusal(row) ?? Refusal(outcome), Gone: true));
        if (move.Step is null)
        {
            if (row.State == AttachmentState.Attaching)
                FaultPoints.Reach(FaultPoint.AttachmentEnded);
            return new Turn(job, new AttachmentEnd(Ended: true, Refusal(outcome)));
        }
        if (move.State != AttachmentState.Error)
            return new Turn(job);
        await GiveBackAsync(new Turn(job), token, StuckPause, stop);
        return new Turn(job, new AttachmentEnd(Ended: false, Refusal(row) ?? Refusal(outcome)));
    }

    private Task<int> GiveBackAsync(Turn turn, Guid token, TimeSpan pause, CancellationToken stop) =>
        database.TransactAsync(session => AttachmentJobStore.PostponeAsync(session, turn.Job!, token, pause.TotalSeconds, turn.Problem), stop);

    private static FaultException? Refusal(AttachmentRow row) =>
        AttachmentRules.IsRollback(row) && Enum.TryParse<FaultCode>(row.Fault, out var code) ? AttachmentFaults.Refused(code, row.Reason ?? "It was refused.") : null;

    private static FaultException? Refusal(StepOutcome outcome) =>
        outcome.Result == StepResult.Refused ? AttachmentFaults.Refused(outcome.Fault, outcome.Reason ?? "It was refused.") : null;

    private void Tell(AttachmentRow row, AttachmentMove? move, StepOutcome outcome)
    {
        switch (move)
        {
            case { State: AttachmentState.Attached } when row.State == AttachmentState.Attaching:
                Log.AttachmentMade(log, row.Uuid, row.AcceleratorUuid, row.TargetType, row.Target);
                break;
            case { State: AttachmentState.Error }:
                Log.AttachmentStuck(log, row.Uuid, row.AcceleratorUuid, outcome.Reason);
                break;
            case null:
                Log.AttachmentGone(log, row.Uuid, row.AcceleratorUuid, row.TargetType, row.Target);
                break;
            default:
                if (outcome.Result == StepResult.Refused)
                    Log.AttachmentRefused(log, row.Uuid, row.AcceleratorUuid, row.Step!.Value, outcome.Reason);
                break;
        }
    }
}
