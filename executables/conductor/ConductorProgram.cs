using Cyborg.Conductor;
using Cyborg.Hosting;

namespace Cyborg.Executables;

/// <summary>The executable <c>cyborg-conductor</c>.</summary>
internal static class ConductorProgram
{
    private const string Name = "cyborg-conductor";

    public static Task<int> Main(string[] args) =>
        new ServiceCommandLine("The owner of state: serves the API and the agents, and alone knows the database; any number of them may run.")
            .Runs((arguments, stop) => ServiceProcess.RunAsync(Name, arguments, ConductorOptions.All, StartAsync, stop))
            .RunAsync(args);

    private static Task<IAsyncDisposable> StartAsync(RoomParts parts, CancellationToken stop) =>
        ServiceProcess.StartedAsync(ConductorRoom.Build(parts.Config, parts.Bus, parts.Logs, TimeProvider.System), room => room.StartAsync(stop));
}
