using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Cyborg.Standalone.Tests;

/// <summary>The real executable in a process of its own, on a free port.</summary>
internal sealed class StandaloneProcess : IAsyncDisposable
{
    // What ends by itself is noticed at once; the rest is for a machine that stalls.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _output;

    private StandaloneProcess(string data, string[] arguments)
    {
        var executable = typeof(StandaloneRoom).Assembly.Location;
        string[] own = arguments.Contains("--port") ? [] : ["--port", "0"];
        // A shell that runs this in the background has SIGINT ignored, and its children inherit that; a person's Ctrl-C is not ignored.
        _process = Process.Start(new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", executable, "--data", data, .. own, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _output = Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError)).ContinueWith(
            _ => _address.TrySetException(new InvalidOperationException($"it ended before it answered:\n{Text}")), TaskScheduler.Default);
    }

    /// <summary>Everything it has written.</summary>
    public string Text => string.Join('\n', _lines);

    public Uri Address => _address.Task.Result;

    /// <summary>Starts it and waits until it answers.</summary>
    public static async Task<StandaloneProcess> StartAsync(string data, params string[] arguments)
    {
        var started = new StandaloneProcess(data, arguments);
        await started._address.Task.WaitAsync(s_patience, TestContext.Current.CancellationToken);
        return started;
    }

    /// <summary>Starts it where it is expected to end by itself; gives its exit code and all that it wrote.</summary>
    public static async Task<(int Code, string Text)> FailAsync(string data, params string[] arguments)
    {
        await using var started = new StandaloneProcess(data, arguments);
        await started._process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(s_patience, TestContext.Current.CancellationToken);
        await started._output;
        return (started._process.ExitCode, started.Text);
    }

    /// <summary>Sends a signal and waits for the end.</summary>
    public async Task<int> StopAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(s_patience, TestContext.Current.CancellationToken);
        await _output;
        return _process.ExitCode;
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var client = new HttpClient();
        return await client.GetFromJsonAsync<JsonElement>(new Uri(Address, path), TestContext.Current.CancellationToken);
    }

    public async Task PostAsync(string path, object body)
    {
        using var client = new HttpClient();
        using var reply = await client.PostAsJsonAsync(new Uri(Address, path), body, TestContext.Current.CancellationToken);
        reply.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        await _output;
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
        {
            _lines.Enqueue(line);
            const string ready = "Cyborg answers on ";
            if (line.StartsWith(ready, StringComparison.Ordinal))
                _address.TrySetResult(new Uri(line[ready.Length..].Split(' ')[0]));
        }
    }
}
