using Cyborg.Agent.Discovery;
using Cyborg.Agent.Images;
using Cyborg.Agent.Journal;
using Cyborg.Drivers;
using Cyborg.Hosting.Faults;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Devices;

/// <summary>A conductor has a deployable programmed. The command is in the journal before the image is fetched, its outcome before the conductor is told; what
/// is older than the journal knows is refused, and the same command is done once, however often it comes.</summary>
internal sealed class ProgramDevices(AgentSetting setting, HostDiscovery host, DeviceWork work, ImageSource images)
{
    /// <summary>What the deployable runs now, which is told only if the driver says so.</summary>
    /// <exception cref="FaultException">See <see cref="ProgramResult"/>. <see cref="FaultCode.StaleCommand"/>: for an earlier start of the agent, or a newer one
    /// is known. <see cref="FaultCode.Unavailable"/>: the image or the journal cannot be had now, or the agent stops.</exception>
    public async Task<ProgramResult> HandleAsync(ProgramDevice request, CallContext call, CancellationToken cancellationToken)
    {
        if (request.BootId != setting.Journal.BootId)
            throw new FaultException(FaultCode.StaleCommand, $"The agent of host {setting.Options.Host} was started anew since.");
        var asked = new ProgramEntry(request.DeployableUuid, request.Generation, request.Wish, HandleStage.InFlight);
        if (Stored(asked, call) is { } stored)
            return stored;
        var watch = host.DriverOf(request.Driver, request.ControlPath, setting.Options.Host);
        var outcome = await work.RunAsync(
            request.Driver, request.ControlPath, $"program {request.DeployableUuid}, generation {request.Generation}",
            stop => DoAsync(asked, watch.Driver, request, call, stop), cancellationToken).ConfigureAwait(false);
        return Stored(asked, call)
            ?? throw new FaultException(FaultCode.Unavailable, outcome.Reason ?? $"{request.DeployableName} is not programmed yet.");
    }

    /// <summary>What the journal says of it; null if it is to be done.</summary>
    private ProgramResult? Stored(ProgramEntry asked, CallContext call)
    {
        var known = setting.Journal.State.OfProgram(asked.Deployable);
        switch (ProgramRules.Decide(known, asked))
        {
            case ProgramDecision.Run:
                return null;
            case ProgramDecision.Stored:
                return known!.Stage == HandleStage.Done
                    ? new ProgramResult(known.Image!.Value, known.Function)
                    : throw new FaultException(known.Code ?? FaultCode.DriverFailed, known.Error ?? "It failed before.");
            case ProgramDecision.Stale:
                Log.StaleProgram(setting.Logger, asked.Deployable, asked.Generation, known!.Generation, call.RequestId);
                throw new FaultException(
                    FaultCode.StaleCommand, $"The deployable {asked.Deployable} has come to generation {known.Generation}; {asked.Generation} is over.");
            default:
                throw new FaultException(
                    FaultCode.InvalidInput, $"Generation {asked.Generation} of deployable {asked.Deployable} is to program it with {known!.Wish}.");
        }
    }

    // Part of the work, not of the call: what it comes to is in the journal, for whoever asks.
    private async Task<DriverOutcome> DoAsync(ProgramEntry asked, IAcceleratorDriver driver, ProgramDevice request, CallContext call, CancellationToken stop)
    {
        try
        {
            await KeepAsync(state => state.WithProgram(asked with { Since = setting.Time.GetTimestamp() })).ConfigureAwait(false);
            FaultPoints.Reach(FaultPoint.ProgramJournaled);
            // While it waited for its turn a newer one may have come, or this one may have been done.
            if (!IsOpen(asked))
                return DriverOutcome.Done;
            var ended = await images.UseAsync(
                asked.Wish, image => ProgramAsync(asked, driver, request, image, stop), stop).ConfigureAwait(false);
            if (ended is not null)
                await EndAsync(ended, request, call).ConfigureAwait(false);
            return DriverOutcome.Done;
        }
        catch (FaultException fault) when (fault.Code is FaultCode.ImageNotFound or FaultCode.ImageUnusable)
        {
            await EndAsync(asked with { Stage = HandleStage.Failed, Code = fault.Code, Error = fault.Message }, request, call).ConfigureAwait(false);
            return DriverOutcome.Failed(fault.Message);
        }
        catch (FaultException fault)
        {
            return DriverOutcome.Failed(fault.Message);
        }
    }

    /// <summary>Programs; null if another command has come meanwhile.</summary>
    private async Task<ProgramEntry?> ProgramAsync(ProgramEntry asked, IAcceleratorDriver driver, ProgramDevice request, LocalImage image, CancellationToken stop)
    {
        FaultPoints.Reach(FaultPoint.ImageFetched);
        if (!IsOpen(asked))
            return null;
        var outcome = await DriveAsync(driver, request, image, stop).ConfigureAwait(false);
        FaultPoints.Reach(FaultPoint.DeviceProgrammed);
        // What was asked for by its function has it, whatever the image service says meanwhile.
        var function = asked.Wish.Function ?? image.Function;
        return outcome.Worked
            ? asked with { Stage = HandleStage.Done, Image = image.Image, Function = function }
            : asked with
            {
                Stage = HandleStage.Failed,
                Code = outcome.Kind == DriverOutcomeKind.NotSupported ? FaultCode.NotSupportedByDriver : FaultCode.DriverFailed,
                Error = outcome.Reason ?? $"{request.Driver} could not program {request.DeployableName}.",
            };
    }

    private async Task<DriverOutcome> DriveAsync(IAcceleratorDriver driver, ProgramDevice request, LocalImage image, CancellationToken stop)
    {
        try
        {
            return await driver.ProgramAsync(request.ControlPath, image.Path, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (DriverException error)
        {
            return DriverOutcome.Failed(error.Message);
        }
        catch (Exception error)
        {
            Log.WorkBroke(setting.Logger, error, request.Driver, request.ControlPath.CpidInfo);
            return DriverOutcome.Failed($"{request.Driver} broke; the agent's log says how.");
        }
    }

    private async Task EndAsync(ProgramEntry ended, ProgramDevice request, CallContext call)
    {
        await KeepAsync(state => state.WithProgram(ended with { Since = setting.Time.GetTimestamp() })).ConfigureAwait(false);
        FaultPoints.Reach(FaultPoint.ProgramOutcomeJournaled);
        if (ended.Stage == HandleStage.Done)
            Log.Programmed(setting.Logger, request.DeployableUuid, ended.Image!.Value, request.Driver, call.RequestId);
        else
            Log.ProgramFailed(setting.Logger, request.DeployableUuid, request.Wish, request.Driver, ended.Error, call.RequestId);
    }

    private bool IsOpen(ProgramEntry asked) =>
        setting.Journal.State.OfProgram(asked.Deployable) is { Stage: HandleStage.InFlight } known && known.Generation == asked.Generation;

    private async Task KeepAsync(Func<JournalState, JournalState> change)
    {
        try
        {
            await setting.Journal.ChangeAsync(change).ConfigureAwait(false);
        }
        catch (IOException error)
        {
            Log.JournalNotWritten(setting.Logger, error);
            throw new FaultException(FaultCode.Unavailable, $"The agent of host {setting.Options.Host} cannot write its journal.", error);
        }
    }
}
