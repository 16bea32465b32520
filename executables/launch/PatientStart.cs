using Cyborg.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace Cyborg.Executables;

/// <summary>Repeats a start until what it needs is there: the services of a cloud start in any order, and one that dies because another is not
/// up yet only has its operator restart it.</summary>
/// <param name="log">Where it is said, once, that it waits, and that it no longer does.</param>
/// <param name="systemd">Is told for what it waits.</param>
/// <param name="time">Clock of the waits.</param>
internal sealed class PatientStart(ILogger log, SystemdNotifier systemd, TimeProvider time)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>Starts.</summary>
    /// <param name="start">The start; leaves nothing behind when it fails.</param>
    /// <param name="stop">Gives up.</param>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> start, CancellationToken stop)
    {
        var wait = FirstWait;
        for (var failures = 0; ; failures++)
        {
            try
            {
                var started = await start(stop);
                if (failures > 0)
                    Log.NoLongerWaiting(log, failures);
                return started;
            }
            catch (Exception error) when (Away.Reason(error) is { } reason && !stop.IsCancellationRequested)
            {
                if (failures == 0)
                    Log.Waiting(log, reason);
                systemd.Status($"waits: {reason}");
                await Task.Delay(wait, time, stop);
                wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            }
        }
    }
}
