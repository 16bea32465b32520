using System.Diagnostics;
using System.Text;

namespace Cyborg.Bench;

/// <summary>How much was done in a time.</summary>
/// <param name="Count">So many.</param>
/// <param name="Seconds">In so long.</param>
internal readonly record struct Pace(long Count, double Seconds)
{
    /// <summary>So many a second.</summary>
    public double PerSecond => Count / Seconds;
}

/// <summary>Sends one and the same request over and over on connections of its own and reads whole answers.</summary>
internal static class RawHttp
{
    /// <summary>A GET with a token.</summary>
    public static byte[] Get(string path, params IEnumerable<string> headers) => Encoding.ASCII.GetBytes(
        $"GET {path} HTTP/1.1\r\nHost: bench\r\nX-Auth-Token: {Keystone.Token}\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n");

    /// <summary>Answers, over some connections, for some seconds.</summary>
    public static async Task<Pace> ThroughputAsync(int port, byte[] request, int connections, double seconds)
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        var began = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(() => RepeatAsync(port, request, stop.Token))));
        return new Pace(counts.Sum(), Stopwatch.GetElapsedTime(began).TotalSeconds);
    }

    /// <summary>Median of the time of one answer on one connection, in milliseconds.</summary>
    public static async Task<double> LatencyAsync(int port, byte[] request, int times)
    {
        using var connection = await RawConnection.OpenAsync(port);
        var took = new List<double>(times);
        for (var n = 0; n < times; n++)
        {
            var began = Stopwatch.GetTimestamp();
            await connection.AskAsync(request);
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
        using var connection = await RawConnection.OpenAsync(port);
        for (long count = 0; ; count++)
        {
            if (stop.IsCancellationRequested)
                return count;
            await connection.AskAsync(request);
        }
    }
}
