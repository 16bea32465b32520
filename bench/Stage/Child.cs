using System.Diagnostics;
using System.Globalization;

namespace Cyborg.Bench;

/// <summary>A process of ours. It ends with the bench, however that ends: a shell kills it when the pipe to the bench closes.</summary>
internal sealed class Child : IAsyncDisposable
{
    /// <summary>Arguments: log file, program and its arguments. Prints the pid.</summary>
    private const string Watcher = """
        log=$1; shift
        exec 3<&0
        "$@" >>"$log" 2>&1 </dev/null 3<&- &
        pid=$!
        echo $pid
        { read -r _; kill -TERM $pid; sleep 5; kill -KILL $pid; } <&3 2>/dev/null &
        watch=$!
        wait $pid 2>/dev/null
        kill $watch 2>/dev/null
        """;

    private readonly Process _shell;
    private bool _disposed;

    private Child(Process shell, int id, string log) => (_shell, Id, Log) = (shell, id, log);

    /// <summary>Its process id.</summary>
    public int Id { get; }

    /// <summary>File of what it says.</summary>
    public string Log { get; }

    /// <summary>True once it has ended.</summary>
    public bool HasEnded => _disposed || _shell.HasExited;

    /// <summary>Processor time that it has used so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            using var process = Process.GetProcessById(Id);
            return process.TotalProcessorTime;
        }
    }

    /// <summary>Memory that it would give back if it ended, in MiB: its share of what is shared counts in part (PSS).</summary>
    public double MemoryMiB =>
        File.ReadLines($"/proc/{Id}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var kib, ..]
            ? double.Parse(kib, CultureInfo.InvariantCulture) / 1024
            : 0;

    public static async Task<Child> StartAsync(string log, string program, params IEnumerable<string> arguments)
    {
        await File.AppendAllTextAsync(log, "");
        var start = new ProcessStartInfo("sh", ["-c", Watcher, "watch", log, program, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var shell = Process.Start(start)!;
        return new Child(shell, int.Parse((await shell.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture), log);
    }

    /// <summary>Waits until something holds.</summary>
    /// <exception cref="InvalidOperationException">It has ended, or a minute has passed.</exception>
    public async Task WaitAsync(Func<Task<bool>> ready)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await ready())
        {
            if (HasEnded || Stopwatch.GetElapsedTime(began) > TimeSpan.FromMinutes(1))
                throw new InvalidOperationException($"process {Id} does not serve; its log:\n{await File.ReadAllTextAsync(Log)}");
            await Task.Delay(5);
        }
    }

    /// <summary>Ends it; once more does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static async Task RunAsync(string program, params IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} failed: {await output}{await error}");
    }
}
