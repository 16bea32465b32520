using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Cyborg.TestServers;

/// <summary>A real nats-server on a loopback port of its own, with a temporary folder. It can be killed and started again on the same port.
/// A shell watches over it: when the test process ends in whatever way, its end of a pipe closes, and the shell stops the server by its pid
/// and removes the folder.</summary>
public sealed class NatsServer : IAsyncDisposable
{
    private const string Config = "nats-server.conf";
    private const string Keep = "keep";

    /// <summary>Arguments: program, folder, port. Prints the pid. A dead server stays unreaped until the shell goes, so that its pid stays its own.</summary>
    private const string Watcher = """
        trap '' INT HUP
        cd "$2" || exit 1
        "$1" -a 127.0.0.1 -p "$3" -c nats-server.conf >>log 2>&1 &
        echo $!
        if read -r _; then keep=1; fi
        kill -TERM $! 2>/dev/null
        wait
        [ -n "$keep" ] || rm -rf "$2"
        """;

    // A server that has died is noticed at once; one that lives may come late on a machine that stalls.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_firstLine = TimeSpan.FromSeconds(10);

    private readonly string _program;
    private LoopbackPort? _port;
    private Process? _watcher;

    private NatsServer(string program, string folder)
    {
        (_program, Folder) = (program, folder);
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    /// <summary>Where its configuration and its log are.</summary>
    public string Folder { get; }

    /// <summary>Its port on 127.0.0.1.</summary>
    public int Port => _port?.Number ?? 0;

    /// <summary>Its process id.</summary>
    public int ProcessId { get; private set; }

    /// <summary>Its address without credentials, <c>127.0.0.1:PORT</c>.</summary>
    public string Address => $"127.0.0.1:{Port}";

    /// <summary>What it has logged.</summary>
    public string LogText => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    private string LogFile => Path.Combine(Folder, "log");

    /// <summary>Starts a server, or skips or fails the running test if there is none on this machine.</summary>
    /// <param name="config">Its configuration; address and port are set beside it.</param>
    /// <param name="prepare">Gets the folder before the start, e.g. to put certificates there; relative paths start there.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<NatsServer> RequireAsync(
        string config = "", Action<string>? prepare = null, CancellationToken cancellation = default)
    {
        var program = Find();
        if (program is null) Servers.Missing("nats-server", "nats-server");
        var server = new NatsServer(program!, Directory.CreateTempSubdirectory("cyborg-nats-").FullName);
        try
        {
            prepare?.Invoke(server.Folder);
            await File.WriteAllTextAsync(Path.Combine(server.Folder, Config), config, cancellation);
            await server.StartSomewhereAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it again on its port, after <see cref="StopAsync"/> or <see cref="KillAsync"/>.</summary>
    public async Task StartAgainAsync(CancellationToken cancellation = default)
    {
        if (!await TryStartAsync(cancellation)) throw new InvalidOperationException($"nats-server did not start again:\n{LogText}");
    }

    /// <summary>Ends it in good order.</summary>
    public Task StopAsync() => EndAsync();

    /// <summary>Ends it as a power failure would.</summary>
    public async Task KillAsync()
    {
        using (var process = Process.GetProcessById(ProcessId)) process.Kill();
        await EndAsync();
    }

    /// <summary>Ends it and removes its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        await EndAsync();
        _port?.Dispose();
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }

    private static string? Find()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return path.Append("/usr/sbin").Select(folder => Path.Combine(folder, "nats-server")).FirstOrDefault(File.Exists);
    }

    private async Task StartSomewhereAsync(CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            _port?.Dispose();
            _port = LoopbackPort.Take();
            if (await TryStartAsync(cancellation)) return;
            if (LogText.Length > 0 && !LogText.Contains("address already in use", StringComparison.Ordinal)) break;
        }

        throw new InvalidOperationException($"nats-server did not start:\n{LogText}");
    }

    private async Task<bool> TryStartAsync(CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("sh") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in new[] { "-c", Watcher, "watch-nats", _program, Folder, Port.ToString(CultureInfo.InvariantCulture) })
            start.ArgumentList.Add(argument);
        _watcher = Process.Start(start)!;
        ProcessId = int.Parse((await _watcher.StandardOutput.ReadLineAsync(cancellation))!, CultureInfo.InvariantCulture);
        var since = Stopwatch.GetTimestamp();
        while (!await AnswersAsync(cancellation))
        {
            if (IsDead(ProcessId) || Stopwatch.GetElapsedTime(since) > s_patience)
            {
                await EndAsync();
                return false;
            }

            await Task.Delay(20, cancellation);
        }

        return true;
    }

    /// <summary>The server speaks first, with a line that begins with INFO. Another server on this port would speak too: then ours is dead.</summary>
    private async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(s_firstLine);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port, patience.Token);
            using var reader = new StreamReader(client.GetStream());
            return (await reader.ReadLineAsync(patience.Token))?.StartsWith("INFO", StringComparison.Ordinal) == true && !IsDead(ProcessId);
        }
        catch (Exception error) when (error is SocketException or IOException || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return false;
        }
    }

    private static bool IsDead(int pid)
    {
        try
        {
            // "pid (name) state ...": Z is dead and not reaped yet.
            var status = File.ReadAllText($"/proc/{pid}/stat");
            return status[status.LastIndexOf(')') + 2] == 'Z';
        }
        catch (IOException)
        {
            return true;
        }
    }

    private async Task EndAsync()
    {
        if (Interlocked.Exchange(ref _watcher, null) is not { } watcher) return;
        using (watcher)
        {
            await watcher.StandardInput.WriteLineAsync(Keep);
            watcher.StandardInput.Close();
            await watcher.WaitForExitAsync();
        }
    }

    private void OnExit(object? sender, EventArgs args)
    {
        try
        {
            _watcher?.StandardInput.Close();
        }
        catch (IOException)
        {
            // The watcher has gone, and the server with it.
        }
    }
}
