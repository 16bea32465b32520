using Microsoft.Extensions.Logging;

namespace Cyborg.Messaging;

/// <summary>Counts and tells of messages that were dropped because their consumer was too slow.</summary>
/// <param name="logger">Where they are told.</param>
internal sealed class DropCount(ILogger logger)
{
    private long _dropped;

    /// <summary>Messages dropped so far.</summary>
    public long Total => Interlocked.Read(ref _dropped);

    /// <summary>One more, of a subscription to <paramref name="subject"/>.</summary>
    public void Add(string subject)
    {
        var dropped = Interlocked.Increment(ref _dropped);
        BusMetrics.Dropped.Add(1, BusMetrics.Tag("reason", "slow_consumer"));
        // The first, then every thousandth: a slow consumer must not fill the log as well.
        if (dropped % 1000 == 1)
            Log.SlowConsumer(logger, subject, dropped);
    }
}
