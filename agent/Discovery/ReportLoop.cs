using System.Threading.Channels;
using Cyborg.Agent.Devices;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Discovery;

/// <summary>The agent's cycle: look, report, install what the conductor wants, wait. It goes on whatever happens, until it is stopped.</summary>
internal sealed class ReportLoop(AgentSetting setting, HostDiscovery host, InstallDevices installs)
{
    private readonly Channel<bool> _nudges = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly TaskCompletionSource<IReadOnlyList<DriverDiscovery>> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _failures;
    private string? _failure;

    /// <summary>Ends with what the first accepted report held; cancelled if the loop ends before.</summary>
    public Task<IReadOnlyList<DriverDiscovery>> FirstReport => _first.Task;

    /// <summary>Has the next cycle run at once.</summary>
    public void Nudge() => _nudges.Writer.TryWrite(true);

    /// <summary>Runs until <paramref name="stop"/>; does not throw.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                var found = await host.RunAsync(stop).ConfigureAwait(false);
                await ReportUntilAcceptedAsync(found, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            _first.TrySetCanceled(stop);
        }
    }

    /// <summary>Sends one look until it is accepted, or so old that a new look is due.</summary>
    private async Task ReportUntilAcceptedAsync(IReadOnlyList<DriverDiscovery> found, CancellationToken stop)
    {
        var interval = setting.Options.PeriodicInterval;
        var taken = setting.Time.GetTimestamp();
        while (true)
        {
            var accepted = await TryReportAsync(found, stop).ConfigureAwait(false);
            var dice = Random.Shared.NextDouble();
            var wait = accepted ? ReportPace.Regular(interval, dice) : ReportPace.Retry(_failures, interval, dice);
            var nudged = await WaitAsync(wait, stop).ConfigureAwait(false);
            if (accepted || nudged || setting.Time.GetElapsedTime(taken) >= interval)
                return;
        }
    }

    private async Task<bool> TryReportAsync(IReadOnlyList<DriverDiscovery> found, CancellationToken stop)
    {
        var requestId = $"req-{Guid.NewGuid()}";
        try
        {
            var report = new ReportInventory(
                new AgentIdentity(setting.BootId, setting.BootId, 1), found, setting.Options.InitiallyReady, InventoryChecksum.Of(found), Epoch: 0);
            var reply = await setting.Bus.CallAsync(
                Verbs.ReportInventory, report, new CallContext { RequestId = requestId }, setting.Options.Host, stop).ConfigureAwait(false);
            Accepted(found, requestId);
            installs.Start(reply.Install);
            return true;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (FaultException fault)
        {
            if (Changed($"{fault.Code}: {fault.Message}"))
                Log.ReportRefused(setting.Logger, fault.Code, fault.Message, requestId);
        }
        catch (Exception e)
        {
            if (Changed($"{e.GetType().Name}: {e.Message}"))
                Log.CycleBroke(setting.Logger, e);
        }
        _failures++;
        return false;
    }

    private void Accepted(IReadOnlyList<DriverDiscovery> found, string requestId)
    {
        if (_first.TrySetResult(found))
            Log.FirstReport(setting.Logger, found.Sum(discovery => discovery.Devices?.Count ?? 0), requestId);
        else if (_failure is not null)
            Log.ReportRecovered(setting.Logger, requestId);
        (_failures, _failure) = (0, null);
    }

    private bool Changed(string failure)
    {
        var changed = failure != _failure;
        _failure = failure;
        return changed;
    }

    /// <summary>Waits; true if a nudge ended it.</summary>
    private async Task<bool> WaitAsync(TimeSpan wait, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var nudge = _nudges.Reader.ReadAsync(end.Token).AsTask();
        Task pause = Task.Delay(wait, setting.Time, end.Token);
        await Task.WhenAny(nudge, pause).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(nudge, pause).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.ThrowIfCancellationRequested();
        return nudge.IsCompletedSuccessfully;
    }
}
