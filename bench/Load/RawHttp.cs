using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Cyborg.Bench;

/// <summary>Sends one and the same request over and over on connections of its own and reads whole answers. It costs as little as it can, since it runs on
/// the processors that it measures; it costs the same for a baseline.</summary>
internal static class RawHttp
{
    /// <summary>A GET with a token.</summary>
    public static byte[] Get(string path, params IEnumerable<string> headers) => Encoding.ASCII.GetBytes(
        $"GET {path} HTTP/1.1\r\nHost: bench\r\nX-Auth-Token: {Keystone.Token}\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n");

    /// <summary>Answers a second, over some connections, for some seconds.</summary>
    public static async Task<double> ThroughputAsync(int port, byte[] request, int connections, double seconds)
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        var began = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(() => RepeatAsync(port, request, stop.Token))));
        return counts.Sum() / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>Median of the time of one answer on one connection, in milliseconds.</summary>
    public static async Task<double> LatencyAsync(int port, byte[] request, int times)
    {
        using var connection = await ConnectAsync(port);
        var buffer = new byte[256 * 1024];
        var took = new List<double>(times);
        for (var n = 0; n < times; n++)
        {
            var began = Stopwatch.GetTimestamp();
            await AskAsync(connection, request, buffer, CancellationToken.None);
            took.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        return Figure.Quantile(took, 0.5);
    }

    /// <summary>The body of one answer, which must be a success.</summary>
    public static async Task<byte[]> BodyAsync(int port, byte[] request)
    {
        using var client = new HttpClient();
        var path = Encoding.ASCII.GetString(request).Split(' ')[1];
        using var message = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}{path}");
        message.Headers.Add("X-Auth-Token", Keystone.Token);
        using var answer = await client.SendAsync(message);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsByteArrayAsync();
    }

    private static async Task<long> RepeatAsync(int port, byte[] request, CancellationToken stop)
    {
        using var connection = await ConnectAsync(port);
        var buffer = new byte[256 * 1024];
        for (long count = 0; ; count++)
        {
            if (stop.IsCancellationRequested)
                return count;
            await AskAsync(connection, request, buffer, CancellationToken.None);
        }
    }

    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }

    private static async Task AskAsync(Socket connection, byte[] request, byte[] buffer, CancellationToken stop)
    {
        await connection.SendAsync(request, SocketFlags.None, stop);
        var (have, whole) = (0L, -1L);
        var filled = 0;
        while (whole < 0 || have < whole)
        {
            var got = await connection.ReceiveAsync(buffer.AsMemory(whole < 0 ? filled : 0), SocketFlags.None, stop);
            if (got == 0)
                throw new IOException("the server has closed the connection");
            have += got;
            if (whole >= 0)
                continue;
            filled += got;
            whole = Whole(buffer.AsSpan(0, filled));
        }
    }

    // Length of head and body together; -1 while the head is not there.
    private static long Whole(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0)
            return -1;
        if (!answer.StartsWith("HTTP/1.1 2"u8) && !answer.StartsWith("HTTP/1.1 304"u8))
            throw new IOException(Encoding.ASCII.GetString(answer[..Math.Min(answer.Length, 400)]));
        if (answer.StartsWith("HTTP/1.1 304"u8))
            return head + 4;
        var name = answer[..head].IndexOf("Content-Length: "u8);
        if (name < 0)
            throw new IOException("an answer without a Content-Length: " + Encoding.ASCII.GetString(answer[..head]));
        var digits = answer[(name + 16)..];
        return head + 4 + long.Parse(digits[..digits.IndexOf((byte)'\r')], System.Globalization.CultureInfo.InvariantCulture);
    }
}
