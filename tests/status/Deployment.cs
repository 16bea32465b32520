using System.Diagnostics;
using Cyborg.Crash.Tests;

namespace Cyborg.Status.Tests;

/// <summary>A folder with a cyborg.conf of one test, and the real programs run on it.</summary>
internal sealed class Deployment : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("cyborg-status-").FullName;

    public string Config => Path.Combine(Folder, "cyborg.conf");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public string Write(string text, string name = "cyborg.conf")
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Runs a program to its end; with the folder's cyborg.conf where the arguments name no other.</summary>
    public async Task<Result> RunAsync(string program, params string[] arguments)
    {
        string[] config = arguments.Contains("--config-file") || !File.Exists(Config) ? [] : ["--config-file", Config];
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), .. config, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder,
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Stop), process.StandardError.ReadToEndAsync(Stop));
        await process.WaitForExitAsync(Stop).WaitAsync(TimeSpan.FromMinutes(5), Stop);
        return new Result(process.ExitCode, await output, await error);
    }

    /// <summary>Starts a service; its log is <c>PROGRAM.log</c>.</summary>
    public Task<RealProcess> StartAsync(string program) => RealProcess.StartAsync(
        Path.Combine(Folder, $"{program}.log"), new Dictionary<string, string>(), "dotnet", Path.Combine(AppContext.BaseDirectory, $"{program}.dll"),
        "--config-file", Config);

    /// <summary>Waits until a service's log has a text.</summary>
    public async Task<string> LogSaysAsync(string program, string text)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(TimeSpan.FromMinutes(3));
        var log = Path.Combine(Folder, $"{program}.log");
        while (true)
        {
            var said = File.Exists(log) ? await File.ReadAllTextAsync(log, Stop) : "";
            if (said.Contains(text, StringComparison.Ordinal))
                return said;
            try
            {
                await Task.Delay(50, patience.Token);
            }
            catch (OperationCanceledException) when (!Stop.IsCancellationRequested)
            {
                throw new InvalidOperationException($"'{text}' is not in the log of {program}:\n{said}");
            }
        }
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    internal sealed record Result(int Code, string Output, string Error)
    {
        public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
