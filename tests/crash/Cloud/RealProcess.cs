using System.Diagnostics;
using System.Globalization;

namespace Cyborg.Crash.Tests;

/// <summary>A program that may be killed at any moment, and does not outlive the test process, however that ends: a shell holds a pipe to the test
/// and kills the program when the pipe closes.</summary>
internal sealed class RealProcess : IAsyncDisposable
{
    /// <summary>Arguments: log file, program and its arguments. Prints the pid, later the exit code.</summary>
    private const string Watcher = """
        log=$1; shift
        : >>"$log"
        exec 3<&0
        "$@" >>"$log" 2>&1 </dev/null 3<&- &
        pid=$!
        echo $pid
        { read -r _; kill -9 $pid; } <&3 2>/dev/null &
        watch=$!
        wait $pid 2>/dev/null
        code=$?
        kill $watch 2>/dev/null
        echo $code
        """;

    // A stop takes some seconds at most, on a machine that does not stall.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private readonly Process _shell;

    private RealProcess(Process shell, int id)
    {
        (_shell, Id) = (shell, id);
        Exited = WaitAsync();
    }

    /// <summary>Its process id.</summary>
    public int Id { get; }

    /// <summary>Its exit code, once it has ended; 137 after SIGKILL.</summary>
    public Task<int> Exited { get; }

    /// <summary>Starts a program; its output is appended to a file, which is there afterwards.</summary>
    public static async Task<RealProcess> StartAsync(
        string log, IReadOnlyDictionary<string, string> environment, string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("sh", ["-c", Watcher, "watch", log, program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var shell = Process.Start(start)!;
        var said = await shell.StandardOutput.ReadLineAsync(CancellationToken.None);
        return new RealProcess(shell, int.Parse(said!, CultureInfo.InvariantCulture));
    }

    /// <summary>Sends SIGKILL and waits for the end.</summary>
    public Task<int> KillAsync() => SignalAsync("KILL");

    /// <summary>Sends a signal and waits for the end.</summary>
    public async Task<int> SignalAsync(string signal)
    {
        if (!Exited.IsCompleted)
        {
            string[] arguments = ["-s", signal, Id.ToString(CultureInfo.InvariantCulture)];
            using var kill = Process.Start(new ProcessStartInfo("kill", arguments) { RedirectStandardError = true })!;
            await kill.WaitForExitAsync();
        }
        return await Exited.WaitAsync(s_patience);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _shell.StandardInput.Close();
        }
        catch (IOException)
        {
            // The shell has gone already.
        }
        await Exited.WaitAsync(s_patience);
        _shell.Dispose();
    }

    private async Task<int> WaitAsync()
    {
        var said = await _shell.StandardOutput.ReadLineAsync(CancellationToken.None);
        return int.TryParse(said, out var code) ? code : -1;
    }
}
