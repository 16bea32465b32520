using Cyborg.Agent.Journal;
using Cyborg.Agent.Telemetry;
using Cyborg.Drivers;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Microsoft.Extensions.Logging;

namespace Cyborg.Agent.Discovery;

/// <summary>One enabled driver: runs its discovery so that whatever it does (throw, hang, block a thread) harms no other driver and no report.</summary>
internal sealed class DriverWatch(IAcceleratorDriver driver, TimeSpan timeout, TimeProvider time, ILogger log)
{
    private Task<DriverFindings>? _running;
    private string? _failure;
    private IReadOnlyList<DiscoveryProblem> _problems = [];
    private volatile IReadOnlyList<DriverDevice>? _lastGood;

    public IAcceleratorDriver Driver => driver;

    /// <summary>What it was last able to tell, a former start of the agent included; null before the first discovery that worked. The same list for as long
    /// as it tells the same.</summary>
    public IReadOnlyList<DriverDevice>? LastGood => _lastGood;

    /// <summary>Why its last discovery failed, in a sentence for an operator; null if it did not.</summary>
    public string? Failure { get; private set; }

    /// <summary>True if a conductor has accepted <see cref="LastGood"/>.</summary>
    public bool Reported { get; private set; }

    /// <summary>False only if the last discovery that worked shows that the driver has no such device.</summary>
    public bool MayHave(DriverControlPath device) => _lastGood?.Any(known => known.ControlPath == device) ?? true;

    /// <summary>Runs a discovery; null if it failed. A failure is told once until it changes.</summary>
    public async Task<DriverFindings?> DiscoverAsync(CancellationToken cancellationToken)
    {
        try
        {
            var found = await AgentMetrics.MeasureAsync(driver.Name, "discover", () => RunAsync(cancellationToken), _ => true).ConfigureAwait(false);
            if (_failure is not null)
                Log.DiscoveryRecovered(log, driver.Name);
            (_failure, Failure) = (null, null);
            return found;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (DriverException e)
        {
            Failure = e.Message;
            if (Changed(e))
                Log.DiscoveryFailed(log, driver.Name, e.Message);
        }
        catch (Exception e)
        {
            Failure = "it broke; the agent's log says how.";
            if (Changed(e))
                Log.DiscoveryBroke(log, e, driver.Name);
        }
        return null;
    }

    /// <summary>Takes up what a former start of the agent knew.</summary>
    public void Restore(KnownDevices known) => (_lastGood, Reported) = (known.Devices, known.Reported);

    /// <summary>A conductor has accepted <see cref="LastGood"/>. False if it had before.</summary>
    public bool MarkReported()
    {
        var news = !Reported && _lastGood is not null;
        Reported |= news;
        return news;
    }

    /// <summary>Keeps what is to be reported, and tells problems once. True if the devices are others than before.</summary>
    public bool Accept(IReadOnlyList<DriverDevice> devices, IReadOnlyList<DiscoveryProblem> problems)
    {
        foreach (var problem in problems.Except(_problems))
            Log.ProblemAppeared(log, driver.Name, problem);
        foreach (var problem in _problems.Except(problems))
            Log.ProblemGone(log, driver.Name, problem);
        _problems = problems;
        var changed = _lastGood is null || Checksum(_lastGood) != Checksum(devices);
        if (changed)
            _lastGood = devices;
        Reported &= !changed;
        return changed;
    }

    private string Checksum(IReadOnlyList<DriverDevice> devices) => InventoryChecksum.Of([new DriverDiscovery(driver.Name, devices)]);

    private async Task<DriverFindings> RunAsync(CancellationToken cancellationToken)
    {
        if (_running is { IsCompleted: false })
            throw new DriverException("its former discovery has not ended yet.");
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var run = Task.Run(() => driver.DiscoverAsync(stop.Token), CancellationToken.None);
        _running = run;
        // Whenever it ends, though nobody may wait any more: its exception is seen and the source is let go.
        _ = LetGoAsync(run, stop);
        try
        {
            return await run.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!run.IsCompleted)
        {
            Cancel(stop);
            throw new DriverException($"it did not answer within {timeout.TotalSeconds:0} seconds.");
        }
    }

    private static async Task LetGoAsync(Task run, CancellationTokenSource stop)
    {
        await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private static void Cancel(CancellationTokenSource stop)
    {
        try
        {
            // On another thread: a driver's callback must not hold up the cycle.
            _ = stop.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It ended just now.
        }
    }

    private bool Changed(Exception e)
    {
        var failure = $"{e.GetType().Name}: {e.Message}";
        var changed = failure != _failure;
        _failure = failure;
        return changed;
    }
}
