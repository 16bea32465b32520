using Cyborg.Agent.Discovery;
using Cyborg.Agent.Leases;
using Cyborg.Agent.Telemetry;
using Cyborg.Drivers;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Agent.Usage;

/// <summary>Has the drivers measure how much their devices are used, every <c>[agent] usage_interval</c>, and tells all conductors at once on the bus. Nobody
/// answers and nothing is kept: what is lost the next measurement makes up for. A driver that hangs or breaks keeps no other from being told. An
/// agent that may not speak for its host is silent.</summary>
internal sealed class UsageLoop(AgentSetting setting, HostDiscovery host, CommandGate gate, IBusTransport bus)
{
    private static readonly TimeSpan LongestMeasurement = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PublishPatience = TimeSpan.FromSeconds(5);

    private readonly Dictionary<IUsageDriver, Task> _running = [];
    private readonly Dictionary<string, string> _failures = new(StringComparer.Ordinal);
    private string? _silence;

    private TimeSpan Interval => setting.Options.Usage.Interval;

    /// <summary>Runs until <paramref name="stop"/>, from the moment at which a conductor knows the host's devices; does not throw.</summary>
    public async Task RunAsync(Task firstReport, CancellationToken stop)
    {
        if (Interval == TimeSpan.Zero)
            return;
        try
        {
            await firstReport.WaitAsync(stop).ConfigureAwait(false);
            while (true)
            {
                if (gate.IsOpen)
                    await TurnAsync(stop).ConfigureAwait(false);
                await Task.Delay(Interval, setting.Time, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private async Task TurnAsync(CancellationToken stop)
    {
        // What has ended belongs to nobody; drivers that are gone must not be kept.
        foreach (var ended in _running.Where(pair => pair.Value.IsCompleted).Select(pair => pair.Key).ToList())
            _running.Remove(ended);
        var drivers = host.Drivers.Select(watch => watch.Driver).OfType<IUsageDriver>().ToList();
        var measured = await Task.WhenAll(drivers.Select(driver => MeasureAsync(driver, stop)).ToList()).ConfigureAwait(false);
        foreach (var (driver, result) in drivers.Zip(measured))
            TellFailure(driver.Name, result.Failure);
        var devices = UsageFacts.Join(measured.SelectMany(result => result.Usage));
        if (devices.Count > 0)
            await PublishAsync(devices, stop).ConfigureAwait(false);
    }

    private async Task<Measured> MeasureAsync(IUsageDriver driver, CancellationToken stop)
    {
        if (_running.ContainsKey(driver))
            return Measured.Nothing("a former measurement has not ended yet.");
        var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var run = Task.Run(() => driver.MeasureAsync(end.Token), CancellationToken.None);
        _running[driver] = LetGoAsync(run, end);
        var patience = Interval < LongestMeasurement ? Interval : LongestMeasurement;
        try
        {
            var found = await AgentMetrics.MeasureAsync(driver.Name, "measure", () => run.WaitAsync(patience, setting.Time, stop), _ => true).ConfigureAwait(false);
            return new Measured(found, null);
        }
        catch (TimeoutException) when (run.IsCompletedSuccessfully)
        {
            // In the very moment in which it was given up.
            return new Measured(await run.ConfigureAwait(false), null);
        }
        catch (TimeoutException) when (!run.IsCompleted)
        {
            Cancel(end);
            return Measured.Nothing($"it did not answer within {patience.TotalSeconds:0} seconds.");
        }
        catch (DriverException e)
        {
            return Measured.Nothing(e.Message);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            return Measured.Nothing($"it broke: {e.GetType().Name}: {e.Message}");
        }
    }

    /// <summary>Whenever a measurement ends, though nobody may wait any more: its exception is seen and the source is let go.</summary>
    private static async Task LetGoAsync(Task run, CancellationTokenSource end)
    {
        await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        end.Dispose();
    }

    private static void Cancel(CancellationTokenSource end)
    {
        try
        {
            // On another thread: a driver's callback must not hold up the others.
            _ = end.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It ended just now.
        }
    }

    private async Task PublishAsync(IReadOnlyList<DeviceUsage> devices, CancellationToken stop)
    {
        // The figures of now are worth nothing when the bus is back.
        if (bus.ConnectedFor is null)
            return;
        using var late = new CancellationTokenSource(PublishPatience, setting.Time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        try
        {
            var usage = new HostUsage(setting.Journal.BootId, Interval.TotalSeconds, devices);
            foreach (var message in usage.Messages(Math.Min(bus.MaxPayload, HostUsage.MaxBytes)))
                await bus.PublishAsync(HostUsage.Subject(setting.Options.Host), replyTo: null, message, patience.Token).ConfigureAwait(false);
            _silence = null;
        }
        catch (Exception e) when (!stop.IsCancellationRequested && e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            if (_silence != e.Message)
                Log.UsageNotTold(setting.Logger, e.Message);
            _silence = e.Message;
        }
    }

    private void TellFailure(string driver, string? failure)
    {
        var before = _failures.GetValueOrDefault(driver);
        if (failure is null)
            _failures.Remove(driver);
        else
            _failures[driver] = failure;
        if (failure is not null && failure != before)
            Log.UsageNotMeasured(setting.Logger, driver, failure);
        else if (failure is null && before is not null)
            Log.UsageMeasuredAgain(setting.Logger, driver);
    }

    private readonly record struct Measured(IReadOnlyList<DriverUsage> Usage, string? Failure)
    {
        public static Measured Nothing(string failure) => new([], failure);
    }
}
