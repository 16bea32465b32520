using Microsoft.Extensions.Logging;

namespace Cyborg.Hosting.Systemd;

/// <summary>Gives systemd's watchdog its sign of life twice in each of its periods, and only while the room says that it is alive: one that is not is ended and
/// started again by systemd. It runs on the thread pool, so a process whose pool is stuck is silent, too.</summary>
/// <param name="notifier">Whom to tell.</param>
/// <param name="room">Who is asked.</param>
/// <param name="log">Where it is told that the sign is kept back, and why.</param>
/// <param name="time">Clock of the waits.</param>
public sealed class Watchdog(SystemdNotifier notifier, IServiceRoom room, ILogger log, TimeProvider time)
{
    private string? _told;

    /// <summary>Runs until the token says stop, and then throws.</summary>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="OperationCanceledException">The token said stop.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        if (notifier.Patience is not { } patience)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, stop).ConfigureAwait(false);
            return;
        }
        while (true)
        {
            await AskAsync(patience / 4, stop).ConfigureAwait(false);
            await Task.Delay(patience / 2, time, stop).ConfigureAwait(false);
        }
    }

    private async Task AskAsync(TimeSpan limit, CancellationToken stop)
    {
        var reason = await ReasonAsync(limit, stop).ConfigureAwait(false);
        if (reason is null)
        {
            notifier.Alive();
            if (_told is not null)
            {
                Log.AliveAgain(log);
                notifier.Status("runs");
            }
        }
        else if (reason != _told)
        {
            Log.NotAlive(log, reason);
            notifier.Status($"does not work: {reason}");
        }
        _told = reason;
    }

    private async Task<string?> ReasonAsync(TimeSpan limit, CancellationToken stop)
    {
        try
        {
            return await room.WhyDeadAsync(stop).AsTask().WaitAsync(limit, time, stop).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return FormattableString.Invariant($"no sign of life within {limit.TotalSeconds:0.#} s");
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            return error.GetType().Name;
        }
    }
}
