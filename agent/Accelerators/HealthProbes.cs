using System.Collections.Concurrent;
using System.Threading.Channels;
using Cyborg.Agent.Devices;
using Cyborg.Agent.Discovery;
using Cyborg.Drivers;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Accelerators;

/// <summary>Looks at the health of the host's installed devices once in each cycle, beside discovery and reports, and tells the conductor what has changed.
/// Which devices there are, and which of them were found ill, the conductor says each time: so nothing is lost when either side starts anew, and a
/// device that an operator has disabled is left alone.</summary>
internal sealed class HealthProbes(AgentSetting setting, HostDiscovery host, DeviceWork work)
{
    private const int AtOnce = 8;

    // Not the time of anything else of an agent.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentDictionary<DriverControlPath, Task> _running = new();
    private readonly ConcurrentDictionary<Guid, int> _streaks = new();
    private string? _failure;

    /// <summary>A cycle has begun; a look that is under way is not disturbed.</summary>
    public void Look() => _wake.Writer.TryWrite(true);

    /// <summary>Runs until <paramref name="stop"/>; does not throw.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (await _wake.Reader.WaitToReadAsync(stop).ConfigureAwait(false))
            {
                _wake.Reader.TryRead(out _);
                await CycleAsync(stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private async Task CycleAsync(CancellationToken stop)
    {
        try
        {
            var call = new CallContext { RequestId = $"req-{Guid.NewGuid()}", TimeLeft = Patience };
            var wanted = await setting.Bus.CallAsync(Verbs.GetProbes, new GetProbes(setting.Journal.Identity), call, setting.Options.Host, stop).ConfigureAwait(false);
            foreach (var gone in _streaks.Keys.Except(wanted.Devices.Select(device => device.DeviceUuid)))
                _streaks.TryRemove(gone, out _);
            await Parallel.ForEachAsync(
                wanted.Devices, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop },
                async (device, cancel) => await ProbeAsync(device, cancel).ConfigureAwait(false)).ConfigureAwait(false);
            _failure = null;
        }
        catch (FaultException fault)
        {
            // The next cycle asks again; that no conductor is there the heartbeats tell.
            if (_failure != fault.Message && fault.Code is not (FaultCode.NoResponder or FaultCode.Conflict))
                Log.ProbesNotKnown(setting.Logger, fault.Code, fault.Message);
            _failure = fault.Message;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.ProbesBroke(setting.Logger, e);
        }
    }

    private async Task ProbeAsync(ProbeDevice device, CancellationToken stop)
    {
        if (Find(device) is not { } driver || work.IsBusy(device.ControlPath))
            return;
        var outcome = await LookAtAsync(driver, device.ControlPath, stop).ConfigureAwait(false);
        // What is installed or programmed meanwhile may well look ill.
        if (outcome.Kind == DriverOutcomeKind.NotSupported || work.IsBusy(device.ControlPath))
            return;
        var verdict = HealthRules.Judge(
            device.Ill, outcome.Worked, _streaks.GetValueOrDefault(device.DeviceUuid), setting.Options.Probes.Successes);
        _streaks[device.DeviceUuid] = verdict.Streak;
        if (verdict.Tell)
            await TellAsync(device, outcome.Worked ? null : outcome.Reason ?? "The driver gives no reason.", stop).ConfigureAwait(false);
    }

    private IAcceleratorDriver? Find(ProbeDevice device)
    {
        try
        {
            return host.DriverOf(device.Driver, device.ControlPath, setting.Options.Host).Driver;
        }
        catch (FaultException)
        {
            // It has just vanished, which the report tells.
            return null;
        }
    }

    private async Task<DriverOutcome> LookAtAsync(IAcceleratorDriver driver, DriverControlPath device, CancellationToken stop)
    {
        var timeout = setting.Options.Probes.Timeout;
        if (_running.TryGetValue(device, out var before) && !before.IsCompleted)
            return DriverOutcome.Failed("A former health probe has not ended yet.");
        var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var probe = Task.Run(() => driver.ProbeAsync(device, end.Token), CancellationToken.None);
        _running[device] = probe;
        _ = LetGoAsync(device, probe, end);
        try
        {
            return await probe.WaitAsync(timeout, setting.Time, stop).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!probe.IsCompleted)
        {
            // On another thread: a driver's callback must not hold up the cycle.
            _ = end.CancelAsync();
            return DriverOutcome.Failed($"Its health probe did not answer within {timeout.TotalSeconds:0} seconds.");
        }
        catch (DriverException e)
        {
            return DriverOutcome.Failed(e.Message);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            Log.WorkBroke(setting.Logger, e, driver.Name, device.CpidInfo);
            return DriverOutcome.Failed($"{driver.Name} broke in its health probe; the agent's log says how.");
        }
    }

    /// <summary>Whenever a probe ends, though nobody may wait any more: its exception is seen.</summary>
    private async Task LetGoAsync(DriverControlPath device, Task probe, CancellationTokenSource end)
    {
        await probe.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _running.TryRemove(new KeyValuePair<DriverControlPath, Task>(device, probe));
        // Not disposed: who timed out may be cancelling it now.
        _ = end;
    }

    private async Task TellAsync(ProbeDevice device, string? error, CancellationToken stop)
    {
        try
        {
            var call = new CallContext { RequestId = $"req-{Guid.NewGuid()}", TimeLeft = Patience };
            await setting.Bus.CallAsync(Verbs.ReportProbe, new ReportProbe(device.DeviceUuid, error), call, setting.Options.Host, stop).ConfigureAwait(false);
            if (error is null)
                Log.DeviceWell(setting.Logger, device.DeviceUuid, device.Driver);
            else
                Log.DeviceIll(setting.Logger, device.DeviceUuid, device.Driver, error);
        }
        catch (FaultException fault)
        {
            // The conductor still has it as it was: the next cycle comes to the same end, and tells again.
            Log.ProbeNotReported(setting.Logger, device.DeviceUuid, fault.Code);
        }
    }
}
