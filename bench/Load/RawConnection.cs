using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Cyborg.Bench;

/// <summary>A connection that sends prepared bytes and reads whole answers. It costs as little as it can, since it runs on the processors that it measures; it
/// costs the same for a baseline.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[256 * 1024];

    private RawConnection(Socket socket) => _socket = socket;

    public static async Task<RawConnection> OpenAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return new RawConnection(socket);
    }

    /// <summary>Sends a request and waits for the whole answer, which must be a success. Of a long answer only the beginning is kept.</summary>
    /// <returns>The answer's body as far as it is kept, until the next request.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(ReadOnlyMemory<byte> request)
    {
        await _socket.SendAsync(request, SocketFlags.None);
        var (have, head, whole, kept) = (0L, 0, -1L, 0);
        while (whole < 0 || have < whole)
        {
            // What does not fit any more goes over what came before.
            var room = kept < _buffer.Length ? _buffer.AsMemory(kept) : _buffer.AsMemory(_buffer.Length / 2);
            var got = await _socket.ReceiveAsync(room, SocketFlags.None);
            if (got == 0)
                throw new IOException("the server has closed the connection");
            have += got;
            kept = Math.Min(_buffer.Length, kept + got);
            if (whole < 0)
                (head, whole) = Lengths(_buffer.AsSpan(0, kept));
        }
        return _buffer.AsMemory(head, kept - head);
    }

    public void Dispose() => _socket.Dispose();

    // Length of the head, and of head and body together; -1 while the head is not there.
    private static (int Head, long Whole) Lengths(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0)
            return (0, -1);
        head += 4;
        if (answer.StartsWith("HTTP/1.1 304"u8) || answer.StartsWith("HTTP/1.1 204"u8))
            return (head, head);
        if (!answer.StartsWith("HTTP/1.1 2"u8))
            throw new IOException(Encoding.UTF8.GetString(answer[..Math.Min(answer.Length, 1000)]));
        var name = answer[..head].IndexOf("Content-Length: "u8);
        if (name < 0)
            throw new IOException("an answer without a Content-Length: " + Encoding.ASCII.GetString(answer[..head]));
        var digits = answer[(name + 16)..];
        return (head, head + long.Parse(digits[..digits.IndexOf((byte)'\r')], CultureInfo.InvariantCulture));
    }
}
