using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Cyborg.Messaging;

/// <summary>Opens the bus that <c>[DEFAULT] transport_url</c> names.</summary>
public static class BusTransports
{
    private const string InProcess = "inprocess://";
    private static readonly ConcurrentDictionary<string, InProcessBus> s_hubs = new(StringComparer.Ordinal);

    /// <summary>Opens a connection: <c>inprocess://</c> or <c>inprocess://NAME</c> joins the bus of that name in this process, anything else is
    /// a NATS server, see <see cref="NatsTransportOptions.Parse"/>.</summary>
    /// <param name="transportUrl">The URL; may hold a password.</param>
    /// <param name="settings">The values of <c>[nats]</c>.</param>
    /// <param name="logs">Where breaks and refusals are told.</param>
    /// <param name="time">Clock of waits.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FormatException">The URL or a setting is wrong; names all faults, one a line, without secrets.</exception>
    /// <exception cref="BusConnectionException">The server refuses.</exception>
    public static async Task<IBusTransport> OpenAsync(
        string transportUrl, NatsSettings settings, ILoggerFactory logs, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(transportUrl);
        return transportUrl.StartsWith(InProcess, StringComparison.OrdinalIgnoreCase)
            ? s_hubs.GetOrAdd(transportUrl[InProcess.Length..].TrimEnd('/'), _ => new InProcessBus(null, logs, time)).Connect()
            : await NatsTransport.ConnectAsync(NatsTransportOptions.Parse(transportUrl, settings), logs, time, cancellationToken)
                .ConfigureAwait(false);
    }
}
