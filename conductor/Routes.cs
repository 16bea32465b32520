using Cyborg.Conductor.Accelerators;
using Cyborg.Conductor.Attachments;
using Cyborg.Conductor.Attributes;
using Cyborg.Conductor.Deployables;
using Cyborg.Conductor.Devices;
using Cyborg.Conductor.Drivers;
using Cyborg.Conductor.Inventory;
using Cyborg.Conductor.Profiles;
using Cyborg.Conductor.Providers;
using Cyborg.Conductor.Requests;
using Cyborg.Conductor.Services;
using Cyborg.Conductor.Usage;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Conductor;

/// <summary>Which call goes where: every subject that a conductor serves, with its handler.</summary>
internal static class Routes
{
    /// <summary>Agents have workers of their own, so that a thousand of them cannot starve the API.</summary>
    private const string ReportPool = "reports";

    /// <summary>Calls of the accelerator requests' life, most of which wait to be done together and hold nothing meanwhile; see <see cref="RequestGroups"/>.</summary>
    private const string RequestPool = "requests";

    /// <summary>Heartbeats do nothing but wait for their write.</summary>
    private const string HeartbeatPool = "heartbeats";

    /// <summary>Who creates an accelerator waits for its backend, and must not keep others waiting.</summary>
    private const string BackendPool = "backends";

    /// <summary>The bounds of the pools that are not as large as the API's.</summary>
    public static BusOptions WithPools(BusOptions bus) =>
        bus with
        {
            Pools = new Dictionary<string, PoolOptions>(bus.Pools)
            {
                [HeartbeatPool] = new PoolOptions(ParallelHandlers: 100_000, QueueLength: 0),
                [RequestPool] = bus.Pool with { ParallelHandlers = 8 * bus.Pool.ParallelHandlers },
            },
        };

    public static void Map(BusServer server, ConductorServices services)
    {
        server.Map(Verbs.ReadRevision, (request, _, stop) => services.Cache.RevisionAsync(request, stop));

        server.Map(Verbs.ListDevices, (request, _, stop) => ReadDevices.ListAsync(services, request, stop));
        server.Map(Verbs.ShowDevice, (request, _, stop) => ReadDevices.ShowAsync(services, request, stop));
        server.Map(Verbs.EnableDevice, (request, call, stop) => EnableDevice.HandleAsync(services, request, call, stop));
        server.Map(Verbs.DisableDevice, (request, call, stop) => DisableDevice.HandleAsync(services, request, call, stop));

        server.Map(Verbs.ListDeployables, (request, _, stop) => ReadDeployables.ListAsync(services, request, stop));
        server.Map(Verbs.ShowDeployable, (request, _, stop) => ReadDeployables.ShowAsync(services, request.Uuid, stop));
        server.Map(Verbs.ProgramDeployable, (request, call, stop) => ProgramDeployables.HandleAsync(services, request, call, stop));

        server.Map(Verbs.ListAttributes, (request, _, stop) => ManageAttributes.ListAsync(services, request, stop));
        server.Map(Verbs.ShowAttribute, (request, _, stop) => ManageAttributes.ShowAsync(services, request, stop));
        server.Map(Verbs.CreateAttribute, (request, call, stop) => ManageAttributes.CreateAsync(services, request, call, stop));
        server.Map(Verbs.DeleteAttribute, (request, call, stop) => ManageAttributes.DeleteAsync(services, request, call, stop));

        server.Map(Verbs.ListProfiles, (request, _, stop) => ManageProfiles.ListAsync(services, request, stop));
        server.Map(Verbs.ShowProfile, (request, _, stop) => ManageProfiles.ShowAsync(services, request, stop));
        server.Map(Verbs.CreateProfile, (request, call, stop) => ManageProfiles.CreateAsync(services, request, call, stop));
        server.Map(Verbs.DeleteProfiles, (request, call, stop) => ManageProfiles.DeleteAsync(services, request, call, stop));

        server.Map(Verbs.ListArqs, (request, _, stop) => ReadRequests.ListAsync(services, request, stop));
        server.Map(Verbs.ShowArq, (request, _, stop) => ReadRequests.ShowAsync(services, request, stop));
        server.Map(Verbs.CreateArqs, (request, call, stop) => CreateRequests.HandleAsync(services, request, call, stop), pool: RequestPool);
        server.Map(Verbs.BindArqs, (request, call, stop) => BindRequests.HandleAsync(services, request, call, stop), pool: RequestPool);
        server.Map(Verbs.UnbindArqs, (request, call, stop) => UnbindRequests.HandleAsync(services, request, call, stop));
        server.Map(Verbs.DeleteArqs, (request, call, stop) => DeleteRequests.ByUuidAsync(services, request, call, stop), pool: RequestPool);
        server.Map(Verbs.DeleteInstanceArqs, (request, call, stop) => DeleteRequests.ByInstanceAsync(services, request, call, stop), pool: RequestPool);

        server.Map(Verbs.ListAccelerators, (request, call, stop) => ReadAccelerators.ListAsync(services, request, call.Caller.Scope, stop));
        server.Map(Verbs.ShowAccelerator, (request, call, stop) => ReadAccelerators.ShowAsync(services, request.Uuid, call.Caller.Scope, stop));
        server.Map(Verbs.ShowUsage, (request, _, stop) => ShowUsage.HandleAsync(services, request.Uuid, stop));
        server.Map(Verbs.CreateAccelerator, (request, call, stop) => CreateAccelerators.HandleAsync(services, request, call, stop), pool: BackendPool);
        server.Map(Verbs.UpdateAccelerator, (request, call, stop) => UpdateAccelerators.HandleAsync(services, request, call, stop), pool: BackendPool);
        server.Map(Verbs.DeleteAccelerator, (request, call, stop) => DeleteAccelerators.HandleAsync(services, request.Uuid, call, stop), pool: BackendPool);

        server.Map(Verbs.AttachAccelerator, (request, call, stop) => AttachAccelerators.HandleAsync(services, request, call, stop), pool: BackendPool);
        server.Map(Verbs.DetachAccelerator, (request, call, stop) => DetachAccelerators.HandleAsync(services, request, call, stop), pool: BackendPool);

        server.Map(Verbs.ListDrivers, (request, _, stop) => ReadDrivers.ListAsync(services, request, stop));
        server.Map(Verbs.InstallDriver, (request, call, stop) => ChangeDrivers.InstallAsync(services, request, call, stop), pool: BackendPool);
        server.Map(Verbs.UpdateDriver, (request, call, stop) => ChangeDrivers.UpdateAsync(services, request, call, stop), pool: BackendPool);
        server.Map(Verbs.UninstallDriver, (request, call, stop) => ChangeDrivers.UninstallAsync(services, request, call, stop), pool: BackendPool);
        server.Map(Verbs.ListServices, (request, _, stop) => ManageServices.ListAsync(services, request, stop));
        server.Map(Verbs.DiscoverServices, (request, call, stop) => ManageServices.DiscoverAsync(services, request, call, stop), pool: BackendPool);

        server.Map(Verbs.Heartbeat, (request, call, stop) => services.Heartbeats.HandleAsync(request, call, stop), pool: HeartbeatPool);
        server.Map(Verbs.ReportInventory, (request, call, stop) => ReportDevices.HandleAsync(services, request, call, stop), pool: ReportPool);
        server.Map(Verbs.ReportInstall, (request, call, stop) => ReportInstalls.HandleAsync(services, request, call, stop), pool: ReportPool);
        server.Map(Verbs.GetProbes, (request, call, stop) => DeviceProbes.ListAsync(services, request, call, stop), pool: ReportPool);
        server.Map(Verbs.ReportProbe, (request, call, stop) => DeviceProbes.ReportAsync(services, request, call, stop), pool: ReportPool);
        server.Map(Verbs.GetProviders, (request, call, stop) => GetHostProviders.HandleAsync(services, request, call, stop), pool: ReportPool);
        server.Map(Verbs.ReportProviders, (request, call, stop) => ReportHostProviders.HandleAsync(services, request, call, stop), pool: ReportPool);
    }
}
