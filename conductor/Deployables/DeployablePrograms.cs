using System.Collections.Concurrent;
using Cyborg.Hosting.Faults;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using Microsoft.Extensions.Logging;

namespace Cyborg.Conductor.Deployables;

/// <summary>Which deployable, and how its host is asked.</summary>
/// <param name="Id">Its key.</param>
/// <param name="Uuid">The deployable.</param>
/// <param name="Name">Its name on the host.</param>
/// <param name="Hostname">The host.</param>
/// <param name="BootId">The agent's start that is known.</param>
/// <param name="Driver">Entry name of the driver.</param>
/// <param name="ControlPath">How the host reaches the device.</param>
internal sealed record ProgramTarget(int Id, Guid Uuid, string Name, string Hostname, Guid? BootId, string Driver, DriverControlPath ControlPath);

/// <summary>How far a wish for an image has come.</summary>
/// <param name="Step"><see cref="ProgramStep.Ready"/>, <see cref="ProgramStep.Wait"/> or <see cref="ProgramStep.Refuse"/>.</param>
/// <param name="Code">The kind of failure.</param>
/// <param name="Reason">Why it waits or failed.</param>
internal readonly record struct ProgramAnswer(ProgramStep Step, FaultCode Code, string? Reason)
{
    public static ProgramAnswer Ready => new(ProgramStep.Ready, default, null);
}

/// <summary>Has hosts program deployables, for binds and for operators. The deployable's row is the lock and the job: it is claimed, the host is asked
/// without a transaction, and the outcome is written on condition that claim and generation still stand.</summary>
internal sealed class DeployablePrograms : IAsyncDisposable
{
    /// <summary>An interrupted programming is taken up by whoever wants it; if nobody does for so long, it is over.</summary>
    public const double ForgottenSeconds = 30;

    private static readonly TimeSpan Claim = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    private readonly CyborgDatabase _database;
    private readonly BusClient _agents;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<Guid, Task> _claims = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationToken _stopped;

    public DeployablePrograms(CyborgDatabase database, BusClient agents, ILogger log, TimeProvider time)
    {
        (_database, _agents, _log, _time) = (database, agents, log, time);
        _stopped = _stopping.Token;
    }

    /// <summary>True if there is something for <see cref="RenewAsync"/>.</summary>
    public bool HasClaims => !_claims.IsEmpty;

    /// <summary>Makes the claims of this conductor hold longer.</summary>
    public async Task RenewAsync(CancellationToken stop)
    {
        if (!_claims.IsEmpty)
            await _database.TransactAsync(session => ProgramStore.RenewAsync(session, [.. _claims.Keys], Claim.TotalSeconds), stop);
    }

    /// <summary>Ends programmings that nobody wants or follows any more.</summary>
    public async Task SweepAsync(CancellationToken stop)
    {
        foreach (var name in await _database.TransactAsync(session => ProgramStore.EndAbandonedAsync(session, ForgottenSeconds), stop))
            Log.ProgramForgotten(_log, name);
    }

    /// <summary>Gives up what is under way; hosts go on, and other conductors ask them.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_claims.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    /// <summary>Brings the deployable of a bind's handle to run what the bind wants.</summary>
    /// <param name="job">The bind's job, claimed.</param>
    /// <param name="wish">What it wants.</param>
    /// <param name="patience">The host may take so long.</param>
    /// <param name="stop">Gives up; the programming stays under way.</param>
    public async Task<ProgramAnswer> ForJobAsync(HandleJob job, ImageWish wish, TimeSpan patience, CancellationToken stop)
    {
        var token = Guid.NewGuid();
        var (decision, locked) = await _database.TransactAsync(
            async session =>
            {
                var deployable = await ProgramStore.LockAsync(session, job.DeployableId);
                if (deployable is null)
                    return (new ProgramDecision(ProgramStep.Wait, "is gone"), deployable);
                var holders = (await ProgramStore.HoldersAsync(session, [deployable.Id]))[deployable.Id].ToList();
                var decided = ProgramRules.ForJob(deployable.State, holders, wish, token);
                return (decided, await TakeAsync(session, deployable, decided.Step, wish, token, call: null));
            },
            stop);
        if (locked is null || decision.Step is not (ProgramStep.Claim or ProgramStep.Order))
            return new ProgramAnswer(decision.Step, FaultCode.Conflict, decision.Reason is null ? null : $"Deployable {job.DeployableName} {decision.Reason}.");
        var target = new ProgramTarget(
            job.DeployableId, job.DeployableUuid, job.DeployableName, job.Hostname, job.BootId, job.Driver, job.ControlPath);
        var call = new CallContext { RequestId = $"req-{Guid.NewGuid()}", TimeLeft = patience };
        return await Track(token, DriveAsync(target, locked, wish, token, call, stop)).WaitAsync(stop);
    }

    /// <summary>Programs a deployable because an operator says so. What is under way goes on, and is written, if the caller stops waiting.</summary>
    /// <param name="target">The deployable.</param>
    /// <param name="wish">The image.</param>
    /// <param name="call">The operator's call; the same one again does nothing twice.</param>
    /// <param name="patience">The host may take so long.</param>
    /// <param name="stop">Stops waiting.</param>
    /// <exception cref="FaultException">It is in use or being programmed, or could not be programmed.</exception>
    public async Task ForOperatorAsync(ProgramTarget target, ImageWish wish, CallContext call, TimeSpan patience, CancellationToken stop)
    {
        var (id, token) = (call.IdempotencyId ?? Guid.NewGuid(), Guid.NewGuid());
        for (var waited = false; ; waited = true)
        {
            var (decision, locked) = await _database.TransactAsync(
                async session =>
                {
                    var deployable = await ProgramStore.LockAsync(session, target.Id)
                        ?? throw ReadDeployables.NotFound(target.Uuid);
                    var inUse = await AttachHandleStore.AnyInUseAsync(session, target.Id);
                    var decided = waited && deployable.State.Satisfies(wish)
                        ? new ProgramDecision(ProgramStep.Ready)
                        : ProgramRules.ForOperator(deployable.State, inUse, wish, id, token);
                    return (decided, await TakeAsync(session, deployable, decided.Step, wish, token, id));
                },
                stop);
            switch (decision.Step)
            {
                case ProgramStep.Ready:
                    return;
                case ProgramStep.Refuse:
                    throw new FaultException(FaultCode.Conflict, $"Deployable {target.Name} {decision.Reason}.");
                case ProgramStep.Wait:
                    await Task.Delay(Look, _time, stop);
                    continue;
            }
            var asked = call with { Host = null, IdempotencyId = null, TimeLeft = patience };
            var answer = await DriveForCallerAsync(target, locked, wish, token, asked, stop);
            if (answer.Step != ProgramStep.Ready)
                throw new FaultException(answer.Code, answer.Reason ?? $"Deployable {target.Name} could not be programmed.");
            return;
        }
    }

    /// <summary>Goes on when the caller stops waiting; a conductor that stops leaves it to others.</summary>
    private async Task<ProgramAnswer> DriveForCallerAsync(
        ProgramTarget target, LockedDeployable locked, ImageWish wish, Guid token, CallContext call, CancellationToken stop)
    {
        try
        {
            return await Track(token, DriveAsync(target, locked, wish, token, call, _stopped)).WaitAsync(stop);
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new FaultException(FaultCode.Unavailable, "The conductor stops.");
        }
    }

    /// <summary>Orders and claims what was decided; the deployable as it is then.</summary>
    private static async Task<LockedDeployable> TakeAsync(
        Session session, LockedDeployable deployable, ProgramStep step, ImageWish wish, Guid token, Guid? call)
    {
        if (step is not (ProgramStep.Order or ProgramStep.Claim))
            return deployable;
        var generation = deployable.State.Generation;
        if (step == ProgramStep.Order)
        {
            await ProgramStore.OrderAsync(session, [deployable.Id], wish, call);
            generation++;
        }
        await ProgramStore.ClaimAsync(session, deployable.Id, token, Claim.TotalSeconds, call);
        return deployable with { State = deployable.State with { Generation = generation } };
    }

    private Task<ProgramAnswer> Track(Guid token, Task<ProgramAnswer> drive)
    {
        _claims[token] = drive;
        _ = drive.ContinueWith(
            ended =>
            {
                _ = ended.Exception;
                _claims.TryRemove(token, out _);
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return drive;
    }

    private async Task<ProgramAnswer> DriveAsync(
        ProgramTarget target, LockedDeployable locked, ImageWish wish, Guid token, CallContext call, CancellationToken stop)
    {
        FaultPoints.Reach(FaultPoint.ProgramClaimed);
        try
        {
            if (target.BootId is not { } boot)
                throw new FaultException(FaultCode.NoResponder, $"The agent of host {target.Hostname} was never heard of.");
            var work = new ProgramDevice(target.Uuid, locked.State.Generation, boot, target.Driver, target.Name, target.ControlPath, wish);
            var result = await _agents.CallAsync(Verbs.ProgramDevice, work, call, target.Hostname, stop);
            FaultPoints.Reach(FaultPoint.ProgramAnswered);
            var trait = result.Function is null ? null : FunctionTraits.Name(locked.DriverName ?? target.Driver, result.Function);
            var end = new ProgramEnd(result.Image, result.Function, trait, Failure: null);
            return await SettleAsync(target, locked, token, end, failure: null, stop) ? Programmed(target, wish, result) : Overtaken(target);
        }
        catch (FaultException fault)
        {
            return await FailAsync(target, locked, token, fault, stop);
        }
    }

    private ProgramAnswer Programmed(ProgramTarget target, ImageWish wish, ProgramResult result)
    {
        FaultPoints.Reach(FaultPoint.ProgramCompleted);
        Log.Programmed(_log, target.Name, target.Hostname, result.Image, wish);
        return ProgramAnswer.Ready;
    }

    private async Task<ProgramAnswer> FailAsync(ProgramTarget target, LockedDeployable locked, Guid token, FaultException fault, CancellationToken stop)
    {
        if (ProgramRules.IsPassing(fault.Code))
        {
            await _database.TransactAsync(session => ProgramStore.ReleaseAsync(session, target.Id, token), stop);
            Log.ProgramLater(_log, target.Name, target.Hostname, fault.Code, fault.Message);
            return new ProgramAnswer(ProgramStep.Wait, fault.Code, fault.Message);
        }
        var end = ProgramRules.IsUntouched(fault.Code) ? null : new ProgramEnd(null, null, null, fault.Message);
        if (!await SettleAsync(target, locked, token, end, fault.Message, stop))
            return Overtaken(target);
        Log.ProgramFailed(_log, target.Name, target.Hostname, fault.Code, fault.Message);
        return new ProgramAnswer(ProgramStep.Refuse, fault.Code, fault.Message);
    }

    private Task<bool> SettleAsync(
        ProgramTarget target, LockedDeployable locked, Guid token, ProgramEnd? end, string? failure, CancellationToken stop) =>
        _database.TransactAsync(session => ProgramStore.EndAsync(session, target.Id, locked.State.Generation, token, end, failure), stop);

    private static ProgramAnswer Overtaken(ProgramTarget target) =>
        new(ProgramStep.Wait, FaultCode.Conflict, $"Deployable {target.Name} was taken over by another call meanwhile.");
}
