using Cyborg.Agent;
using Cyborg.Hosting;

namespace Cyborg.Executables;

/// <summary>The executable <c>cyborg-agent</c>.</summary>
internal static class AgentProgram
{
    private const string Name = "cyborg-agent";

    public static Task<int> Main(string[] args) =>
        new ServiceCommandLine("One for each host with accelerators: finds them, installs them, and does the work on the host that a bind needs.")
            .Runs((arguments, stop) => ServiceProcess.RunAsync(Name, arguments, AgentOptions.All, StartAsync, stop))
            .RunAsync(args);

    private static Task<IAsyncDisposable> StartAsync(RoomParts parts, CancellationToken stop) =>
        ServiceProcess.StartedAsync(AgentRoom.Build(parts.Config, parts.Bus, parts.Logs, TimeProvider.System), room => room.StartAsync(stop));
}
