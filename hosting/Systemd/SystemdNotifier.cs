using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Cyborg.Hosting.Systemd;

/// <summary>Tells systemd how the service is, by the protocol of sd_notify(3): a datagram to the socket that <c>NOTIFY_SOCKET</c> names. Without that variable,
/// and when nobody listens there, every method does nothing: a service does not depend on who started it. Safe for many threads.</summary>
public sealed class SystemdNotifier : IDisposable
{
    /// <summary>Variable with the path of the socket; one that begins with <c>@</c> is an abstract name.</summary>
    public const string SocketVariable = "NOTIFY_SOCKET";

    /// <summary>Variable with the time after which a silent service is ended, in microseconds.</summary>
    public const string WatchdogVariable = "WATCHDOG_USEC";

    /// <summary>Variable with the process that <see cref="WatchdogVariable"/> is meant for; all if it is not set.</summary>
    public const string WatchdogProcessVariable = "WATCHDOG_PID";

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly UnixDomainSocketEndPoint? _address;
    private Socket? _socket;

    private SystemdNotifier(string? path, TimeSpan? patience, TimeProvider time)
    {
        _time = time;
        Patience = patience;
        if (string.IsNullOrEmpty(path) || path[0] is not ('/' or '@'))
            return;
        try
        {
            _address = new UnixDomainSocketEndPoint(path[0] == '@' ? $"\0{path[1..]}" : path);
            _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        }
        catch (Exception error) when (error is ArgumentException or SocketException or PlatformNotSupportedException)
        {
            // A path that is too long for a socket, or no sockets of this kind: nobody can be listening.
        }
    }

    /// <summary>After how long a silence systemd ends the service; null if it does not watch.</summary>
    public TimeSpan? Patience { get; }

    /// <summary>As the variables of the environment say.</summary>
    /// <param name="time">The clock that reloads are stamped with.</param>
    public static SystemdNotifier FromEnvironment(TimeProvider time) => Create(Environment.GetEnvironmentVariable, Environment.ProcessId, time);

    internal static SystemdNotifier Create(Func<string, string?> variable, int processId, TimeProvider time)
    {
        var mine = variable(WatchdogProcessVariable) is not { Length: > 0 } process || process == processId.ToString(CultureInfo.InvariantCulture);
        var watched = long.TryParse(variable(WatchdogVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0;
        return new SystemdNotifier(variable(SocketVariable), mine && watched ? TimeSpan.FromMicroseconds(microseconds) : null, time);
    }

    /// <summary>The service has started, or has read its configuration again.</summary>
    public void Ready() => Send("READY=1");

    /// <summary>The service stops.</summary>
    public void Stopping() => Send("STOPPING=1");

    /// <summary>The service lives.</summary>
    public void Alive() => Send("WATCHDOG=1");

    /// <summary>The service reads its configuration again; <see cref="Ready"/> ends that.</summary>
    public void Reloading() => Send(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={(long)(_time.GetTimestamp() * 1e6 / _time.TimestampFrequency)}"));

    /// <summary>What the service does, for <c>systemctl status</c>.</summary>
    /// <param name="text">One line; never a secret. Of more lines all but the first are cut off.</param>
    public void Status(string text) => Send($"STATUS={text.Split('\n', '\r')[0]}");

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _socket?.Dispose();
            _socket = null;
        }
    }

    private void Send(string message)
    {
        lock (_gate)
        {
            try
            {
                _socket?.SendTo(Encoding.UTF8.GetBytes(message), _address!);
            }
            catch (SocketException)
            {
                // Who listened has gone, or systemd is being restarted: the next message may get through.
            }
        }
    }
}
