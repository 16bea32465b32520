using Microsoft.Extensions.Logging;
using NATS.Client.Core;

namespace Cyborg.Messaging;

/// <summary>Follows the state of a connection: since when it is up, how often it broke, what the server complains of.</summary>
/// <param name="logger">Where it is told.</param>
/// <param name="time">Clock.</param>
internal sealed class NatsLink(ILogger logger, TimeProvider time)
{
    private const long Down = -1;

    private long _since = Down;
    private int _breaks;
    private volatile bool _closed;

    /// <summary>Breaks so far.</summary>
    public int Breaks => Volatile.Read(ref _breaks);

    /// <summary>Kept alive by the connection. The library holds subscriptions weakly: they must live on with the connection even if nobody else
    /// holds the transport.</summary>
    public NatsTransport? Owner { get; set; }

    /// <summary>Starts to follow.</summary>
    public void Attach(NatsConnection connection)
    {
        connection.ConnectionOpened += (_, opened) =>
        {
            Volatile.Write(ref _since, time.GetTimestamp());
            Log.BusConnected(logger, opened.Message);
            return default;
        };
        connection.ConnectionDisconnected += (_, _) =>
        {
            Volatile.Write(ref _since, Down);
            Interlocked.Increment(ref _breaks);
            if (!_closed)
                Log.BusLost(logger);
            return default;
        };
        connection.ServerError += (_, error) =>
        {
            if (error.Kind == NatsServerErrorKind.PermissionsViolation)
                Log.BusForbids(logger, error.Error);
            else
                Log.BusError(logger, error.Error);
            return default;
        };
    }

    /// <summary>How long the connection is up; null while it is down. The library's events come a moment late, its state does not.</summary>
    public TimeSpan? ConnectedFor(NatsConnection connection)
    {
        var since = Volatile.Read(ref _since);
        if (connection.ConnectionState != NatsConnectionState.Open)
            return null;
        return since == Down ? TimeSpan.Zero : time.GetElapsedTime(since);
    }

    /// <summary>The connection is closed on purpose.</summary>
    public void Close() => _closed = true;
}
