using System.Net.Sockets;
using Cyborg.Api;
using Cyborg.Hosting;
using Cyborg.Hosting.Telemetry;

namespace Cyborg.Standalone;

/// <summary>The executable <c>cyborg-standalone</c>.</summary>
internal static class StandaloneProgram
{
    private const string DataFlag = "--data";

    public static Task<int> Main(string[] args) =>
        new ServiceCommandLine("A whole Cyborg in one process: API, conductor and agent, an embedded database, and no other server.")
            .Sets("--port", ApiOptions.PortOption)
            .Takes(DataFlag, "DIR", $"Folder of the database, made if it is not there; {DataFolder.Default} if not given.")
            .Runs(RunAsync)
            .RunAsync(args);

    private static async Task<int> RunAsync(CommandLineArguments arguments, CancellationToken stop)
    {
        var config = CyborgConfig.Load(arguments, StandaloneRoom.Options);
        var data = arguments.Values.GetValueOrDefault(DataFlag, DataFolder.Default);
        using var logs = LoggingSetup.Create(config);
        logs.LogConfigWarnings(config);
        try
        {
            await using var telemetry = await ProcessTelemetry.StartAsync("cyborg-standalone", config, new HealthRegistry(), logs, stop);
            await using var room = await StandaloneRoom.StartAsync(config, data, logs, TimeProvider.System, stop);
            await Console.Out.WriteLineAsync(Welcome.Text(room.Address, Path.GetFullPath(data), await room.FirstReport.WaitAsync(stop)));
            await Task.Delay(Timeout.Infinite, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Ctrl-C or SIGTERM; leaving the block above has stopped everything in order.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or SocketException)
        {
            await Console.Error.WriteLineAsync($"cyborg-standalone: {error.Message}");
            return 1;
        }
        await Console.Out.WriteLineAsync("Stopped.");
        return 0;
    }
}
