using Cyborg.Model;

namespace Cyborg.Api.Calls;

/// <summary>Holds a service's request while no conductor listens. People and their tools are told at once, and ask again; Nova does not: it takes the first
/// 503 for the end of a boot, and its calls that clean up after that go the same way. So a conductor that starts anew within
/// <c>[api] conductor_wait</c> is not noticed by it.</summary>
internal static class ConductorWait
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Calls until somebody listens, for <paramref name="patience"/> at most.</summary>
    /// <param name="call">Makes one call; its argument is the time left for it.</param>
    /// <param name="left">Time left for the whole.</param>
    /// <param name="patience">How long nobody need listen; zero: one call.</param>
    /// <param name="time">Clock of both.</param>
    /// <param name="stop">The client is gone.</param>
    /// <exception cref="FaultException">The last call's fault.</exception>
    public static async Task<TReply> AskAsync<TReply>(
        Func<TimeSpan, Task<TReply>> call, TimeSpan left, TimeSpan patience, TimeProvider time, CancellationToken stop)
    {
        var began = time.GetTimestamp();
        var most = patience < left ? patience : left;
        while (true)
        {
            try
            {
                return await call(left - time.GetElapsedTime(began)).ConfigureAwait(false);
            }
            // Nobody has listened, so nothing was done: it may be asked again whatever it is.
            catch (FaultException fault) when (fault.Code == FaultCode.NoResponder && time.GetElapsedTime(began) + Pause < most)
            {
                await Task.Delay(Pause, time, stop).ConfigureAwait(false);
            }
        }
    }
}
