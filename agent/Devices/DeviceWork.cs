using Cyborg.Drivers;
using Cyborg.Model;
using Microsoft.Extensions.Logging;

namespace Cyborg.Agent.Devices;

/// <summary>What drivers do to devices: one thing at a time per device. A request for what was asked for last joins it; another one waits its
/// turn. Work goes on when its caller stops waiting: half an install or half an image helps nobody. Stopping the agent cancels it.</summary>
internal sealed class DeviceWork(TimeProvider time, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<DriverControlPath, Job> _last = [];
    private readonly CancellationTokenSource _stop = new();
    private bool _stopped;

    /// <summary>Does <paramref name="work"/> to a device, or joins.</summary>
    /// <param name="driver">Whose device it is, for the log.</param>
    /// <param name="device">The device.</param>
    /// <param name="what">What is done: equal words are equal work.</param>
    /// <param name="work">The work; whatever it throws becomes a failed outcome.</param>
    /// <param name="cancellationToken">Stops waiting, not working.</param>
    /// <exception cref="FaultException">The agent stops.</exception>
    public async Task<DriverOutcome> RunAsync(
        string driver, DriverControlPath device, string what, Func<CancellationToken, Task<DriverOutcome>> work, CancellationToken cancellationToken)
    {
        var job = Enqueue(driver, device, what, work);
        return await job.WaitAsync(cancellationToken).ConfigureAwait(false) ?? throw Stopping();
    }

    /// <summary>True while something is done to a device.</summary>
    public bool IsBusy(DriverControlPath device) => LastAsked(device) is not null;

    /// <summary>What was asked for last of a device and has not ended yet, it may still wait its turn; null if nothing.</summary>
    public string? LastAsked(DriverControlPath device)
    {
        lock (_gate)
            return _last.GetValueOrDefault(device)?.What;
    }

    /// <summary>Cancels all work and waits for its end, but not for ever.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_gate)
        {
            if (_stopped)
                return;
            _stopped = true;
            running = [.. _last.Values.Select(job => job.Outcome)];
        }
        await _stop.CancelAsync().ConfigureAwait(false);
        try
        {
            await Task.WhenAll(running).WaitAsync(StopTimeout, time).ConfigureAwait(false);
            _stop.Dispose();
        }
        catch (TimeoutException)
        {
            Log.WorkLeftBehind(log, StopTimeout);
        }
    }

    private Task<DriverOutcome?> Enqueue(string driver, DriverControlPath device, string what, Func<CancellationToken, Task<DriverOutcome>> work)
    {
        lock (_gate)
        {
            if (_stopped)
                throw Stopping();
            var before = _last.GetValueOrDefault(device);
            if (before?.What == what)
                return before.Outcome;
            var job = new Job(what);
            _last[device] = job;
            job.Outcome = Task.Run(() => DoAsync(driver, device, job, before?.Outcome, work));
            return job.Outcome;
        }
    }

    /// <summary>Null if the agent's stop ended the work.</summary>
    private async Task<DriverOutcome?> DoAsync(
        string driver, DriverControlPath device, Job job, Task? before, Func<CancellationToken, Task<DriverOutcome>> work)
    {
        try
        {
            if (before is not null)
                await before.ConfigureAwait(false);
            return _stop.IsCancellationRequested ? null : await work(_stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return null;
        }
        catch (DriverException e)
        {
            return DriverOutcome.Failed(e.Message);
        }
        catch (Exception e)
        {
            Log.WorkBroke(log, e, driver, device.CpidInfo);
            return DriverOutcome.Failed($"{driver} broke; the agent's log says how.");
        }
        finally
        {
            lock (_gate)
            {
                if (_last.GetValueOrDefault(device) == job)
                    _last.Remove(device);
            }
        }
    }

    private static FaultException Stopping() => new(FaultCode.Unavailable, "The agent stops.");

    private sealed class Job(string what)
    {
        public string What { get; } = what;

        public Task<DriverOutcome?> Outcome { get; set; } = null!;
    }
}
