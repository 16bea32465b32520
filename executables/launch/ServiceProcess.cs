using System.Net.Sockets;
using Cyborg.Hosting;
using Cyborg.Hosting.Systemd;
using Cyborg.Hosting.Telemetry;
using Cyborg.Messaging;
using Microsoft.Extensions.Logging;

namespace Cyborg.Executables;

/// <summary>What a room is built from.</summary>
/// <param name="Config">The configuration.</param>
/// <param name="Bus">The connection to the bus; closed after the room.</param>
/// <param name="Logs">The process's log.</param>
/// <param name="Health">What <c>/healthcheck</c> on the monitoring's port asks.</param>
/// <param name="Reload">Where the room registers what it takes over at a SIGHUP.</param>
public sealed record RoomParts(CyborgConfig Config, IBusTransport Bus, ILoggerFactory Logs, HealthRegistry Health, ConfigReload Reload);

/// <summary>One room as a process of its own: reads the configuration, opens the bus, starts the room, tells systemd where there is one, waits for SIGTERM or
/// Ctrl-C, and stops everything in the opposite order. What is away at the start is waited for.</summary>
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
        Func<RoomParts, CancellationToken, Task<IServiceRoom>> start, CancellationToken stop)
    {
        using var hangup = new ReloadSignal();
        var config = Load(arguments, options);
        using var detail = new LogDetail(config.Get(SharedOptions.DebugOption));
        using var logs = LoggingSetup.Create(config, detail: detail);
        logs.LogConfigWarnings(config);
        var log = logs.CreateLogger(name);
        using var systemd = SystemdNotifier.FromEnvironment(TimeProvider.System);
        systemd.Status("connects to the bus");
        try
        {
            await using var bus = await BusOpening.OpenAsync(Role(name, config), config, logs, stop);
            var health = new HealthRegistry();
            health.Register("bus", () => bus.ConnectedFor is null ? "not connected" : null);
            health.Register("service", () => "is starting");
            await using var telemetry = await ProcessTelemetry.StartAsync(name, config, health, logs, stop);
            // Anew for each attempt: what a start in vain has registered is gone with it.
            var reload = NewReload();
            await using var room = await new PatientStart(log, systemd, TimeProvider.System).RunAsync(
                token => start(new RoomParts(config, bus, logs, health, reload = NewReload()), token), stop);
            health.Register("service", room.WhyDeadAsync);
            Log.Running(log, name);
            systemd.Status("runs");
            systemd.Ready();
            using var stopping = stop.Register(systemd.Stopping);
            await Task.WhenAll(
                new Watchdog(systemd, room, log, TimeProvider.System).RunAsync(stop), hangup.RunAsync(token => ReloadAsync(reload, systemd, token), stop));
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

        ConfigReload NewReload()
        {
            var made = new ConfigReload(config, () => Load(arguments, options), log);
            made.Takes(option => option == SharedOptions.DebugOption, (next, _, _) =>
            {
                detail.Set(next.Get(SharedOptions.DebugOption));
                return Task.CompletedTask;
            });
            return made;
        }
    }

    /// <summary>Starts a room, and leaves nothing of it behind if that fails.</summary>
    /// <param name="room">The room, built.</param>
    /// <param name="start">Starts it.</param>
    public static async Task<IServiceRoom> StartedAsync<TRoom>(TRoom room, Func<TRoom, Task> start) where TRoom : IServiceRoom
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

    private static CyborgConfig Load(CommandLineArguments arguments, IReadOnlyList<Option> options) =>
        CyborgConfig.Load(arguments, [.. Options.Concat(options).Distinct()]);

    private static async Task ReloadAsync(ConfigReload reload, SystemdNotifier systemd, CancellationToken stop)
    {
        systemd.Reloading();
        await reload.RunAsync(stop);
        systemd.Ready();
    }

    /// <summary>What the bus server shows, and inboxes are named after: <c>api</c>, <c>conductor</c>, and of agents also whose.</summary>
    internal static string Role(string name, CyborgConfig config)
    {
        var role = name[(name.IndexOf('-', StringComparison.Ordinal) + 1)..];
        return role == "agent" ? NatsSettings.AgentRole(config.Get(SharedOptions.HostOption)) : role;
    }
}
