using Cyborg.Agent.Devices;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Agent;

/// <summary>Which call goes where: every subject that an agent serves, with its handler.</summary>
internal static class Routes
{
    public static void Map(BusServer server, string host, InstallDevices installs, ProgramDevices programs)
    {
        server.Map(Verbs.InstallDevice, (request, _, stop) => installs.HandleAsync(request, stop), host);
        server.Map(Verbs.ProgramDevice, (request, call, stop) => programs.HandleAsync(request, call, stop), host);
    }
}
