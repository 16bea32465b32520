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

    private static async Task<IAsyncDisposable> StartAsync(RoomParts parts, CancellationToken stop)
    {
        var room = AgentRoom.Build(parts.Config, parts.Bus, parts.Logs, TimeProvider.System);
        try
        {
            await room.StartAsync(stop);
            return room;
        }
        catch
        {
            await room.DisposeAsync();
            throw;
        }
    }
}
