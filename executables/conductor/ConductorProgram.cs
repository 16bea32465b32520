using Cyborg.Conductor;
using Cyborg.Conductor.Doctor;
using Cyborg.Hosting;
using Cyborg.Hosting.Systemd;

namespace Cyborg.Executables;

/// <summary>The executable <c>cyborg-conductor</c>.</summary>
internal static class ConductorProgram
{
    private const string Name = "cyborg-conductor";

    public static Task<int> Main(string[] args) =>
        new ServiceCommandLine("The owner of state: serves the API and the agents, and alone knows the database; any number of them may run.")
            .Runs((arguments, stop) => ServiceProcess.RunAsync(Name, arguments, ConductorOptions.All, StartAsync, stop))
            .CheckVerbs(Name, ConductorOptions.All, ConductorDoctor.Judge, (config, _) => ConductorDoctor.Checks(config))
            .RunAsync(args);

    private static Task<IServiceRoom> StartAsync(RoomParts parts, CancellationToken stop)
    {
        foreach (var check in ConductorDoctor.Checks(parts.Config).Where(check => check.Name is "database" or "Keystone" or "Placement" or "Nova"))
            parts.Health.Register(check, TimeProvider.System);
        return ServiceProcess.StartedAsync(ConductorRoom.Build(parts.Config, parts.Bus, parts.Logs, TimeProvider.System), room => room.StartAsync(stop));
    }
}
