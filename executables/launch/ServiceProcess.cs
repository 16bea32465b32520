using System.Net.Sockets;
using Cyborg.Hosting;
using Cyborg.Messaging;
using Microsoft.Extensions.Logging;

namespace Cyborg.Executables;

/// <summary>What a room is built from.</summary>
/// <param name="Config">The configuration.</param>
/// <param name="Bus">The connection to the bus; closed after the room.</param>
/// <param name="Logs">The process's log.</param>
public sealed record RoomParts(CyborgConfig Config, IBusTransport Bus, ILoggerFactory Logs);

/// <summary>One room as a process of its own: reads the configuration, opens the bus, starts the room, waits for SIGTERM or Ctrl-C, and stops
/// everything in the opposite order. What is away at the start is waited for.</summary>
public static class ServiceProcess
{
    /// <summary>Options that every service has besides its room's own.</summary>
    public static IReadOnlyList<Option> Options { get; } = [.. SharedOptions.All, .. NatsOptions.All];

    /// <summary>Runs until the token says stop.</summary>
    /// <param name="name">The executable's name, for messages: <c>cyborg-agent</c>.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="options">The room's options.</param>
    /// <param name="start">Builds and starts the room; disposing its answer stops it. Called again, with everything anew, while the bus or the
    /// database can't be reached.</param>
    /// <param name="stop">Cancelled by SIGTERM and Ctrl-C.</param>
    /// <returns>0 after an ordered stop; 1 when the start failed for good, told in one line on standard error.</returns>
    /// <exception cref="ConfigException">The configuration is wrong.</exception>
    public static async Task<int> RunAsync(
        string name, CommandLineArguments arguments, IReadOnlyList<Option> options,
        Func<RoomParts, CancellationToken, Task<IAsyncDisposable>> start, CancellationToken stop)
    {
        var config = CyborgConfig.Load(arguments, [.. Options.Concat(options).Distinct()]);
        using var logs = LoggingSetup.Create(config);
        logs.LogConfigWarnings(config);
        var log = logs.CreateLogger(name);
        try
        {
            await using var bus = await BusOpening.OpenAsync(Role(name, config), config, logs, stop);
            await using var room = await PatientStart.RunAsync(token => start(new RoomParts(config, bus, logs), token), log, TimeProvider.System, stop);
            Log.Running(log, name);
            await Task.Delay(Timeout.Infinite, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Leaving the block above has stopped everything in order.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or SocketException)
        {
            await Console.Error.WriteLineAsync($"{name}: {error.Message.ReplaceLineEndings("; ")}");
            return 1;
        }
        Log.Stopped(log, name);
        return 0;
    }

    /// <summary>Starts a room, and leaves nothing of it behind if that fails.</summary>
    /// <param name="room">The room, built.</param>
    /// <param name="start">Starts it.</param>
    public static async Task<IAsyncDisposable> StartedAsync<TRoom>(TRoom room, Func<TRoom, Task> start) where TRoom : IAsyncDisposable
    {
        try
        {
            await start(room);
            return room;
        }
        catch
        {
            await room.DisposeAsync();
            throw;
        }
    }

    /// <summary>What the bus server shows, and inboxes are named after: <c>api</c>, <c>conductor</c>, and of agents also whose.</summary>
    private static string Role(string name, CyborgConfig config)
    {
        var role = name[(name.IndexOf('-', StringComparison.Ordinal) + 1)..];
        return role == "agent" ? NatsSettings.AgentRole(config.Get(SharedOptions.HostOption)) : role;
    }
}
