using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using Npgsql;

namespace Cyborg.Bench;

/// <summary>The baselines: what the machine does for a program that does nothing else.</summary>
internal static class Bare
{
    public const string Subject = "bench.echo";

    /// <summary>An endpoint that answers the bytes of a file to whatever it is asked. Runs until it is killed.</summary>
    public static async Task ServeAsync(int port, string file)
    {
        var bytes = await File.ReadAllBytesAsync(file);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}");
        var app = builder.Build();
        app.Run(context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = bytes.Length;
            return context.Response.Body.WriteAsync(bytes).AsTask();
        });
        await app.RunAsync();
    }

    /// <summary>Answers on the bus what it is sent. Runs until it is killed.</summary>
    public static async Task EchoAsync(string url)
    {
        await using var connection = new NatsConnection(new NatsOpts { Url = url });
        await foreach (var message in connection.SubscribeAsync<byte[]>(Subject))
            await message.ReplyAsync(message.Data);
    }

    /// <summary>Median of one round trip on the bus, in milliseconds.</summary>
    public static async Task<double> BusAsync(string url, int times)
    {
        await using var connection = new NatsConnection(new NatsOpts { Url = url });
        var payload = new byte[300];
        return await MedianAsync(times, async () => await connection.RequestAsync<byte[], byte[]>(Subject, payload));
    }

    /// <summary>Median of one single-row SELECT, in milliseconds.</summary>
    public static async Task<double> SelectAsync(NpgsqlDataSource database, int times)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("SELECT n FROM revisions WHERE kind = $1", connection) { Parameters = { new() { Value = "devices" } } };
        await command.PrepareAsync();
        return await MedianAsync(times, () => command.ExecuteScalarAsync());
    }

    private static async Task<double> MedianAsync(int times, Func<Task> work)
    {
        for (var n = 0; n < times / 10; n++)
            await work();
        var took = new List<double>(times);
        for (var n = 0; n < times; n++)
        {
            var began = Stopwatch.GetTimestamp();
            await work();
            took.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        return Figure.Quantile(took, 0.5);
    }
}
