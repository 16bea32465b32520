namespace Cyborg.Agent.Discovery;

/// <summary>How long to wait between reports; pure. Waits are spread, so that a thousand agents that start together do not stay together.</summary>
internal static class ReportPace
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(60);

    /// <summary>Wait after an accepted report: nine tenths of the interval to all of it.</summary>
    /// <param name="interval">The longest wait.</param>
    /// <param name="dice">0 up to 1.</param>
    public static TimeSpan Regular(TimeSpan interval, double dice) => interval * (0.9 + 0.1 * dice);

    /// <summary>Wait after refused reports: a second, doubled with each one up to a minute (or the interval, if it is shorter), then spread
    /// between half of it and all of it.</summary>
    /// <param name="failures">Refused reports in a row; 0 for one that was accepted and is due again.</param>
    /// <param name="interval">The longest wait.</param>
    /// <param name="dice">0 up to 1.</param>
    public static TimeSpan Retry(int failures, TimeSpan interval, double dice)
    {
        var most = interval < LongestRetry ? interval : LongestRetry;
        var wait = FirstRetry * Math.Pow(2, Math.Min(failures - 1, 10));
        return (wait < most ? wait : most) * (0.5 + 0.5 * dice);
    }
}
