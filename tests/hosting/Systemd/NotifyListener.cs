using System.Net.Sockets;
using System.Text;
using Cyborg.Hosting.Systemd;

namespace Cyborg.Hosting.Tests;

/// <summary>Stands for systemd: a datagram socket of its own that keeps what it is told.</summary>
internal sealed class NotifyListener : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"notify-{Guid.NewGuid():N}"[..20]);
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public NotifyListener(bool isAbstract = false)
    {
        _socket.Bind(new UnixDomainSocketEndPoint(isAbstract ? $"\0{_path}" : _path));
        Variables[SystemdNotifier.SocketVariable] = isAbstract ? $"@{_path}" : _path;
    }

    public Dictionary<string, string> Variables { get; } = [];

    public SystemdNotifier Notifier(TimeProvider? time = null) => SystemdNotifier.Create(Variables.GetValueOrDefault, 42, time ?? TimeProvider.System);

    /// <summary>The next message.</summary>
    public async Task<string> NextAsync()
    {
        var buffer = new byte[4096];
        var length = await _socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    /// <summary>True if something was told that nobody has read.</summary>
    public bool HasMore => _socket.Available > 0;

    public void Dispose()
    {
        _socket.Dispose();
        File.Delete(_path);
    }
}
