using Cyborg.Agent.Accelerators;
using Cyborg.Agent.Devices;
using Cyborg.Agent.Handles;
using Cyborg.Agent.Packages;
using Cyborg.Agent.Providers;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Agent;

/// <summary>Which call goes where: every subject that an agent serves, with its handler.</summary>
internal static class Routes
{
    // Handles have handlers of their own: hardware that hangs in an install must not hold up a detach.
    private const string HandlePool = "handles";

    // As is true of a card that takes minutes to be programmed.
    private const string ProgramPool = "programs";

    // Waits for Placement, which may be slow: drivers' work must not wait behind it.
    private const string ProviderPool = "providers";

    /// <summary>Serves conductors that have providers synced.</summary>
    public static void Map(BusServer server, string host, ProviderLoop providers) =>
        server.Map(Verbs.SyncProviders, providers.HandleAsync, host, pool: ProviderPool);

    // A new driver is tried out, and all are asked, which takes as long as their hardware does.
    private const string PackagePool = "packages";

    // And of a backend far away.
    private const string BackendPool = "backends";

    public static void Map(BusServer server, string host, InstallDevices installs, ProgramDevices programs, HandleCommands handles)
    {
        server.Map(Verbs.InstallDevice, (request, _, stop) => installs.HandleAsync(request, stop), host);
        server.Map(Verbs.ProgramDevice, (request, call, stop) => programs.HandleAsync(request, call, stop), host, pool: ProgramPool);
        server.Map(Verbs.AttachHandle, handles.AttachAsync, host, pool: HandlePool);
        server.Map(Verbs.DetachHandle, handles.DetachAsync, host, pool: HandlePool);
        server.Map(Verbs.AttachToHost, handles.AttachToHostAsync, host, pool: HandlePool);
        server.Map(Verbs.DetachFromHost, handles.DetachFromHostAsync, host, pool: HandlePool);
    }

    /// <summary>What backends are asked for.</summary>
    public static void Map(BusServer server, string host, BackendWork backends)
    {
        server.Map(Verbs.MakeAccelerator, (request, _, stop) => backends.MakeAsync(request, stop), host, pool: BackendPool);
        server.Map(Verbs.ChangeAccelerator, (request, _, stop) => backends.ChangeAsync(request, stop), host, pool: BackendPool);
    }

    /// <summary>Drivers that are installed, and what all of them offer.</summary>
    public static void Map(BusServer server, string host, DriverPackages packages)
    {
        server.Map(Verbs.PlaceDriver, (request, _, stop) => packages.InstallAsync(request, stop), host, pool: PackagePool);
        server.Map(Verbs.ReplaceDriver, (request, _, stop) => packages.UpdateAsync(request, stop), host, pool: PackagePool);
        server.Map(Verbs.RemoveDriver, (request, _, stop) => packages.UninstallAsync(request, stop), host, pool: PackagePool);
        server.Map(Verbs.AskServices, (_, _, stop) => packages.AskServicesAsync(stop), host, pool: PackagePool);
    }
}
