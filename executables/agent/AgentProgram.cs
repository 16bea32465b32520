using Cyborg.Agent;
using Cyborg.Agent.Doctor;
using Cyborg.Hosting;
using Cyborg.Hosting.Systemd;
using Cyborg.Messaging;

namespace Cyborg.Executables;

/// <summary>The executable <c>cyborg-agent</c>.</summary>
internal static class AgentProgram
{
    private const string Name = "cyborg-agent";

    public static Task<int> Main(string[] args) =>
        new ServiceCommandLine("One for each host with accelerators: finds them, installs them, and does the work on the host that a bind needs.")
            .Runs((arguments, stop) => ServiceProcess.RunAsync(Name, arguments, AgentOptions.All, StartAsync, stop))
            .CheckVerbs(Name, AgentOptions.All, config => AgentOptions.From(config), AgentDoctor.Checks)
            .RunAsync(args);

    private static async Task<IServiceRoom> StartAsync(RoomParts parts, CancellationToken stop)
    {
        // None of these asks on the bus.
        foreach (var check in AgentDoctor.Checks(parts.Config, _ => Task.FromException<IBusTransport>(new NotSupportedException())).Where(check => check.Name is "Keystone" or "Placement"))
            parts.Health.Register(check, TimeProvider.System);
        var room = AgentRoom.Build(parts.Config, parts.Bus, parts.Logs, TimeProvider.System);
        var started = await ServiceProcess.StartedAsync(room, agent => agent.StartAsync(stop));
        parts.Reload.Takes(AgentRoom.TakesOver, room.ReloadDriversAsync);
        return started;
    }
}
