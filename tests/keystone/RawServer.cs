using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Cyborg.Keystone.Tests;

/// <summary>Takes one request as it comes over the wire, and answers with a fixed text.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public RawServer(string answer)
    {
        _listener.Start();
        Request = ServeAsync(answer);
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    public Task<string> Request { get; }

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string> ServeAsync(string answer)
    {
        using var client = await _listener.AcceptTcpClientAsync();
        var stream = client.GetStream();
        var text = "";
        var buffer = new byte[4096];
        while (!text.Contains("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer) is > 0 and var read)
            text += Encoding.Latin1.GetString(buffer, 0, read);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
        return text;
    }
}
