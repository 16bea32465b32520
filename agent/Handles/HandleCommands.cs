using Cyborg.Agent.Discovery;
using Cyborg.Agent.Journal;
using Cyborg.Agent.Telemetry;
using Cyborg.Drivers;
using Cyborg.Hosting.Faults;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Handles;

/// <summary>Attaches and detaches handles for conductors. Each piece of work is in the journal before the hardware is touched, and its outcome before the
/// conductor is told. One handle's work is done in the order of its generations, one at a time; different handles' at once, up to a bound.</summary>
/// <remarks>Work goes on when its caller stops waiting. What was under way when the agent died is not taken up by itself: it may no longer be wanted. The
/// conductor, whose row is the job, asks again.</remarks>
internal sealed class HandleCommands(AgentSetting setting, HostDiscovery host) : IAsyncDisposable
{
    /// <summary>Handles that drivers work on at once.</summary>
    public const int AtOnce = 8;

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Work> _newest = [];
    private readonly HashSet<Task> _running = [];
    private readonly SemaphoreSlim _bound = new(AtOnce, AtOnce);
    private readonly CancellationTokenSource _stop = new();
    private bool _stopped;

    /// <summary>Attaches a handle.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.StaleCommand"/>: the command is for an earlier start of the agent, or newer work of the
    /// handle is known. <see cref="FaultCode.InvalidInput"/>: other work was known by this generation. No such driver or device here.
    /// <see cref="FaultCode.Unavailable"/>: the agent stops, or cannot write its journal.</exception>
    public Task<HandleWorkResult> AttachAsync(HandleWork request, CallContext call, CancellationToken cancellationToken) =>
        HandleAsync(HandleVerb.Attach, request, call, cancellationToken);

    /// <summary>Detaches a handle; faults as those of <see cref="AttachAsync"/>.</summary>
    public Task<HandleWorkResult> DetachAsync(HandleWork request, CallContext call, CancellationToken cancellationToken) =>
        HandleAsync(HandleVerb.Detach, request, call, cancellationToken);

    /// <summary>True while a handle is being attached or detached.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_gate)
                return _running.Any(work => !work.IsCompleted);
        }
    }

    /// <summary>Attaches a handle to this host itself; faults as those of <see cref="AttachAsync"/>.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.NotSupportedByDriver"/>: its driver does no such thing.</exception>
    public Task<HandleWorkResult> AttachToHostAsync(HandleWork request, CallContext call, CancellationToken cancellationToken) =>
        HandleAsync(HandleVerb.AttachToHost, request, call, cancellationToken);

    /// <summary>Detaches a handle from this host; faults as those of <see cref="AttachAsync"/>.</summary>
    public Task<HandleWorkResult> DetachFromHostAsync(HandleWork request, CallContext call, CancellationToken cancellationToken) =>
        HandleAsync(HandleVerb.DetachFromHost, request, call, cancellationToken);

    /// <summary>Cancels all work and waits for its end, but not for ever. What was cancelled stays under way in the journal.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_gate)
        {
            if (_stopped)
                return;
            _stopped = true;
            running = [.. _running];
        }
        await _stop.CancelAsync().ConfigureAwait(false);
        var ended = Task.WhenAll(running);
        await ended.WaitAsync(StopTimeout, setting.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!ended.IsCompleted)
        {
            Log.WorkLeftBehind(setting.Logger, StopTimeout);
            return;
        }
        _stop.Dispose();
        _bound.Dispose();
    }

    private async Task<HandleWorkResult> HandleAsync(HandleVerb verb, HandleWork request, CallContext call, CancellationToken cancellationToken)
    {
        if (request.BootId != setting.Journal.BootId)
            throw new FaultException(FaultCode.StaleCommand, $"The agent of host {setting.Options.Host} was started anew since.");
        var asked = new HandleEntry(request.HandleUuid, request.Generation, request.ArqUuid, verb, HandleStage.InFlight);
        return await Admit(asked, request, call).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private Task<HandleWorkResult> Admit(HandleEntry asked, HandleWork request, CallContext call)
    {
        lock (_gate)
        {
            if (_stopped)
                throw Stopping();
            var newest = _newest.GetValueOrDefault(asked.Handle) is { Result.IsCompleted: false } work ? work : null;
            var known = newest?.Asked ?? setting.Journal.State.Of(asked.Handle);
            switch (HandleRules.Decide(known, newest is not null, asked))
            {
                case HandleDecision.Run:
                    return Start(asked, isNew: true, newest, request, call);
                case HandleDecision.RunAgain:
                    return Start(asked, isNew: false, newest, request, call);
                case HandleDecision.Join:
                    return newest!.Result;
                case HandleDecision.Stored:
                    return Task.FromResult(new HandleWorkResult(known!.Error));
                case HandleDecision.Stale:
                    Log.StaleHandleCommand(setting.Logger, asked.Handle, asked.Generation, known!.Generation, call.RequestId);
                    throw new FaultException(
                        FaultCode.StaleCommand, $"The handle {asked.Handle} has come to generation {known.Generation}; {asked.Generation} is over.");
                default:
                    throw new FaultException(
                        FaultCode.InvalidInput,
                        $"Generation {asked.Generation} of handle {asked.Handle} is to {Word(known!.Verb)} it for the accelerator request {known.Arq}.");
            }
        }
    }

    private Task<HandleWorkResult> Start(HandleEntry asked, bool isNew, Work? before, HandleWork request, CallContext call)
    {
        // A device that is not found any more may still hold something to undo: that its driver has to judge. A release would wait for ever for a
        // device that was pulled out.
        var driver = asked.Attaches
            ? host.DriverOf(request.Driver, request.ControlPath, setting.Options.Host).Driver
            : host.DriverNamed(request.Driver, setting.Options.Host).Driver;
        if (asked.Verb == HandleVerb.AttachToHost && driver is not IHostAttachDriver)
            throw new FaultException(FaultCode.NotSupportedByDriver, $"{request.Driver} attaches nothing to its own host.");
        var work = new Work(asked);
        _newest[asked.Handle] = work;
        work.Result = Task.Run(() => RunAsync(work, isNew, before?.Result, driver, request, call));
        _running.Add(work.Result);
        // Its failure is its callers' to see; there may be none left.
        _ = work.Result.ContinueWith(
            ended => { _ = ended.Exception; Forget(work); }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return work.Result;
    }

    private void Forget(Work work)
    {
        lock (_gate)
        {
            _running.Remove(work.Result);
            if (_newest.GetValueOrDefault(work.Asked.Handle) == work)
                _newest.Remove(work.Asked.Handle);
        }
    }

    private async Task<HandleWorkResult> RunAsync(
        Work work, bool isNew, Task? before, IAcceleratorDriver driver, HandleWork request, CallContext call)
    {
        var asked = work.Asked with { Since = setting.Time.GetTimestamp() };
        var kept = isNew ? KeepAsync(state => state.WithAsked(asked)) : Task.CompletedTask;
        // Whether it could be written or not: while older work runs, this has not ended.
        await Task.WhenAll(kept, before ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await kept.ConfigureAwait(false);
        FaultPoints.Reach(FaultPoint.WorkJournaled);
        var outcome = await AgentMetrics.MeasureAsync(
            driver.Name, Word(asked.Verb), () => DriveAsync(asked.Verb, driver, request), result => result.Worked).ConfigureAwait(false);
        FaultPoints.Reach(FaultPoint.HardwareDone);
        var ended = asked with
        {
            Stage = outcome.Worked ? HandleStage.Done : HandleStage.Failed,
            Error = outcome.Worked ? null : outcome.Reason ?? $"{request.Driver} could not {Word(asked.Verb)} the handle.",
            Since = setting.Time.GetTimestamp(),
        };
        await KeepAsync(state => state.WithOutcome(ended)).ConfigureAwait(false);
        FaultPoints.Reach(FaultPoint.OutcomeJournaled);
        if (outcome.Worked)
            Log.HandleWorkDone(setting.Logger, asked.Handle, asked.Verb, asked.Arq, asked.Generation, call.RequestId);
        else
            Log.HandleWorkFailed(setting.Logger, asked.Handle, asked.Verb, asked.Arq, asked.Generation, ended.Error!, call.RequestId);
        return new HandleWorkResult(ended.Error, outcome.Kind == DriverOutcomeKind.NotSupported);
    }

    private async Task<DriverOutcome> DriveAsync(HandleVerb verb, IAcceleratorDriver driver, HandleWork request)
    {
        try
        {
            await _bound.WaitAsync(_stop.Token).ConfigureAwait(false);
            try
            {
                var use = new HandleUse(request.HandleUuid, request.ArqUuid);
                return await DriveAsync(verb, driver, request, use).ConfigureAwait(false);
            }
            finally
            {
                _bound.Release();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw Stopping();
        }
        catch (DriverException e)
        {
            return DriverOutcome.Failed(e.Message);
        }
        catch (Exception e)
        {
            Log.WorkBroke(setting.Logger, e, request.Driver, request.ControlPath.CpidInfo);
            return DriverOutcome.Failed($"{request.Driver} broke; the agent's log says how.");
        }
    }

    private Task<DriverOutcome> DriveAsync(HandleVerb verb, IAcceleratorDriver driver, HandleWork request, HandleUse use) => (verb, driver as IHostAttachDriver) switch
    {
        (HandleVerb.Attach, _) => driver.AttachAsync(request.ControlPath, request.Handle, use, _stop.Token),
        (HandleVerb.Detach, _) => driver.DetachAsync(request.ControlPath, request.Handle, use, _stop.Token),
        (HandleVerb.AttachToHost, { } host) => host.AttachToHostAsync(request.ControlPath, request.Handle, use, _stop.Token),
        (HandleVerb.AttachToHost, null) => Task.FromResult(DriverOutcome.NotSupported($"{request.Driver} attaches nothing to its own host.")),
        (_, { } host) => DetachFromHostAsync(host, request, use),
        // A driver that attaches nothing to its host has nothing to undo.
        _ => Task.FromResult(DriverOutcome.Done),
    };

    private async Task<DriverOutcome> DetachFromHostAsync(IHostAttachDriver driver, HandleWork request, HandleUse use)
    {
        var outcome = await driver.DetachFromHostAsync(request.ControlPath, request.Handle, use, _stop.Token).ConfigureAwait(false);
        return outcome.Kind == DriverOutcomeKind.NotSupported ? DriverOutcome.Done : outcome;
    }

    private async Task KeepAsync(Func<JournalState, JournalState> change)
    {
        try
        {
            await setting.Journal.ChangeAsync(change).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            Log.JournalNotWritten(setting.Logger, e);
            throw new FaultException(FaultCode.Unavailable, $"The agent of host {setting.Options.Host} cannot write its journal.", e);
        }
    }

    private static string Word(HandleVerb verb) => verb is HandleVerb.Attach or HandleVerb.AttachToHost ? "attach" : "detach";

    private static FaultException Stopping() => new(FaultCode.Unavailable, "The agent stops.");

    private sealed class Work(HandleEntry asked)
    {
        public HandleEntry Asked { get; } = asked;

        public Task<HandleWorkResult> Result { get; set; } = null!;
    }
}
