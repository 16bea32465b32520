using System.Net;
using System.Net.Sockets;

namespace Cyborg.TestServers;

/// <summary>An address where nobody is. The port is bound, so that nobody else gets it, and not listened at, so that who connects is turned away.</summary>
public sealed class ClosedPort : IDisposable
{
    private readonly Socket _taken = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Takes a port of loopback.</summary>
    public ClosedPort() => _taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    /// <summary>The address.</summary>
    public Uri Address => new($"http://{_taken.LocalEndPoint}");

    /// <inheritdoc/>
    public void Dispose() => _taken.Dispose();
}
