using Cyborg.Agent.Devices;
using Cyborg.Agent.Handles;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Agent;

/// <summary>Which call goes where: every subject that an agent serves, with its handler.</summary>
internal static class Routes
{
    // Handles have handlers of their own: hardware that hangs in an install must not hold up a detach.
    private const string HandlePool = "handles";

    public static void Map(BusServer server, string host, InstallDevices installs, ProgramDevices programs, HandleCommands handles)
    {
        server.Map(Verbs.InstallDevice, (request, _, stop) => installs.HandleAsync(request, stop), host);
        server.Map(Verbs.ProgramDevice, (request, call, stop) => programs.HandleAsync(request, call, stop), host);
        server.Map(Verbs.AttachHandle, handles.AttachAsync, host, pool: HandlePool);
        server.Map(Verbs.DetachHandle, handles.DetachAsync, host, pool: HandlePool);
    }
}
