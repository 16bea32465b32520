using System.Threading.Channels;
using Cyborg.Agent.Devices;
using Cyborg.Agent.Leases;
using Cyborg.Agent.Packages;
using Cyborg.Agent.Telemetry;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Discovery;

/// <summary>The agent's cycle: look, report if that is due, install what the conductor wants, wait. The first look of a start is always reported; a
/// later one when it differs from what was last accepted, when a conductor wants it, and when the host's epoch is new. It goes on whatever happens,
/// until it is stopped.</summary>
internal sealed class ReportLoop(AgentSetting setting, HostParts parts, InstallDevices installs, CommandGate gate, DriverPackages packages)
{
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly TaskCompletionSource<IReadOnlyList<DriverDiscovery>> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _nudged;
    private volatile bool _wanted;
    private string? _accepted;
    private int _failures;
    private string? _failure;

    /// <summary>Called at each look at the host, for what is done once in a cycle; must not block.</summary>
    public Action Looked { get; init; } = () => { };

    /// <summary>Ends with what the first accepted report held; cancelled if the loop ends before.</summary>
    public Task<IReadOnlyList<DriverDiscovery>> FirstReport => _first.Task;

    /// <summary>Has it look and report at once.</summary>
    public void Nudge()
    {
        _nudged = true;
        _wake.Writer.TryWrite(true);
    }

    /// <summary>Has it report the last look at once, changed or not.</summary>
    public void Want()
    {
        _wanted = true;
        _wake.Writer.TryWrite(true);
    }

    /// <summary>Runs until <paramref name="stop"/>; does not throw.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                if (_nudged)
                    (_nudged, _wanted) = (false, true);
                var look = await parts.Inventory.LookAsync(stop).ConfigureAwait(false);
                AgentMetrics.Devices.Record(look.Found.Sum(found => found.Devices?.Count ?? 0));
                Looked();
                await ServeAsync(look, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            _first.TrySetCanceled(stop);
        }
    }

    /// <summary>Reports one look as often as it is due, until it is so old that a new one is.</summary>
    private async Task ServeAsync(Look look, CancellationToken stop)
    {
        var (taken, interval) = (setting.Time.GetTimestamp(), setting.Options.PeriodicInterval);
        var lasts = ReportPace.Regular(interval, Random.Shared.NextDouble());
        do
        {
            // An epoch that is newer than the one just reported for comes with its reply; each time it is a higher one, so this ends.
            while (IsDue(look) && await TryReportAsync(look, stop).ConfigureAwait(false) && parts.Epochs.Told > parts.Epochs.Synced)
            {
            }
            var left = lasts - setting.Time.GetElapsedTime(taken);
            var wait = IsDue(look) ? ReportPace.Retry(_failures, interval, Random.Shared.NextDouble()) : left;
            if (wait > TimeSpan.Zero)
                await WaitAsync(wait, stop).ConfigureAwait(false);
        }
        while (!_nudged && setting.Time.GetElapsedTime(taken) < lasts);
    }

    private bool IsDue(Look look) => _wanted || look.Checksum != _accepted || parts.Epochs.Behind;

    private async Task<bool> TryReportAsync(Look look, CancellationToken stop)
    {
        var requestId = $"req-{Guid.NewGuid()}";
        var (began, outcome) = (setting.Time.GetTimestamp(), "failed");
        try
        {
            var epoch = parts.Epochs.Told;
            var told = packages.Tell();
            var report = new ReportInventory(setting.Journal.Identity, look.Found, setting.Options.InitiallyReady, look.Checksum, epoch)
            {
                ManagesProviders = setting.Options.Providers.Managed,
                Backends = told.Backends,
                Running = told.Drivers,
                Services = told.Services,
            };
            var reply = await setting.Bus.CallAsync(
                Verbs.ReportInventory, report, new CallContext { RequestId = requestId }, setting.Options.Host, stop).ConfigureAwait(false);
            await parts.Epochs.AcceptedAsync(epoch, reply.Epoch).ConfigureAwait(false);
            // Before the first report counts as accepted: what begins then knows what is wanted.
            parts.Providers.Tell(reply.Providers);
            await AcceptedAsync(look, requestId, stop).ConfigureAwait(false);
            installs.Start(reply.Install);
            outcome = "ok";
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
        finally
        {
            AgentMetrics.Reports.Record(setting.Time.GetElapsedTime(began).TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome));
        }
        _failures++;
        return false;
    }

    private async Task AcceptedAsync(Look look, string requestId, CancellationToken stop)
    {
        (_accepted, _wanted) = (look.Checksum, false);
        parts.Inventory.Accepted();
        await gate.OpenAsync(stop).ConfigureAwait(false);
        if (_first.TrySetResult(look.Found))
            Log.FirstReport(setting.Logger, look.Found.Sum(discovery => discovery.Devices?.Count ?? 0), requestId);
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

    /// <summary>Waits, or less when it is woken.</summary>
    private async Task WaitAsync(TimeSpan wait, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var woken = _wake.Reader.ReadAsync(end.Token).AsTask();
        Task pause = Task.Delay(wait, setting.Time, end.Token);
        await Task.WhenAny(woken, pause).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(woken, pause).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.ThrowIfCancellationRequested();
    }
}
