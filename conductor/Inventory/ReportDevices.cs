using System.Diagnostics;
using Cyborg.Conductor.Drivers;
using Cyborg.Conductor.Hosts;
using Cyborg.Conductor.Telemetry;
using Cyborg.Hosting.Faults;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using Cyborg.Storage.Rows;

namespace Cyborg.Conductor.Inventory;

/// <summary>Takes in what an agent found on its host: loads the host's rows, has <see cref="InventoryDiff"/> make a plan, carries it out, and
/// answers which devices wait to be installed. The host is the subject's, never the payload's; who speaks for it is decided as for a heartbeat,
/// under the lock of its row.</summary>
internal static class ReportDevices
{
    public static async Task<InventoryReply> HandleAsync(ConductorServices services, ReportInventory report, CallContext call, CancellationToken stop)
    {
        var host = call.Host!;
        IReadOnlyList<string> problems = [];
        var began = Stopwatch.GetTimestamp();
        var reply = await services.Mutations.OnceAsync(
            Verbs.ReportInventory,
            call,
            async session =>
            {
                var lease = await HostStore.LockAsync(session, host, services.Options.LeaseTimeout);
                if (LeaseRules.Refusal(lease, report.Agent) is { } refusal)
                    throw new FaultException(FaultCode.Conflict, refusal);
                var plan = InventoryDiff.Compare(Known(await InventoryStore.LoadAsync(session, host)), report.Drivers);
                problems = plan.Problems;
                var settled = await InventoryChanges.ApplyAsync(session, host, plan, new ReportTerms(
                    DeviceStates.AtFirstReport(report.InitiallyReady), report.ManagesProviders, report.Backends));
                var restored = report.Epoch == lease.Epoch;
                // What was written for the fenced host is to be written anew once it is not.
                if (lease.Fenced && restored)
                    session.ProvidersChanged(host);
                var jobs = await DeviceStore.InstallJobsAsync(session, [host]);
                var reporter = new HostRenewal(lease.Id, report.Agent.AgentId, report.Agent.BootId, report.Agent.BootNumber, Age: 0);
                await HostStore.ReportedAsync(session, reporter, settled ? report.Checksum : null, restored, report.ManagesProviders, HostTale.Of(report));
                return new InventoryReply([.. jobs.Select(job => new InstallDevice(job.Uuid, job.Driver, job.ControlPath))], lease.Epoch)
                {
                    // The number is raised when this is over; another transaction's may come between, which the next heartbeat tells.
                    Providers = lease.Providers + (session.HaveProvidersChanged(host) ? 1 : 0),
                };
            },
            stop);
        ConductorMetrics.Reports.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
        FaultPoints.Reach(FaultPoint.ReportCommitted);
        foreach (var problem in problems)
            Log.DeviceRefused(services.Log, host, problem);
        return reply;
    }

    /// <summary>The rows of a host as the diff takes them.</summary>
    internal static List<KnownDevice> Known(HostRows rows)
    {
        var paths = rows.ControlPaths.ToDictionary(path => path.DeviceId);
        var deployables = rows.Deployables.ToLookup(deployable => deployable.DeviceId);
        var attributes = rows.Attributes.ToLookup(attribute => attribute.DeployableId);
        var handles = rows.Handles.ToLookup(handle => handle.DeployableId);
        return
        [
            .. from device in rows.Devices
               let path = paths[device.Id]
               select new KnownDevice(device.Id, device.Driver, Facts(device, path), path.Id, device.Missing,
               [
                   .. from deployable in deployables[device.Id]
                      select new KnownDeployable(deployable.Id, deployable.Name, deployable.NumAccelerators, deployable.DriverName,
                          [.. attributes[deployable.Id].Select(row => new KnownAttribute(row.Id, row.Key, row.Value))],
                          [.. handles[deployable.Id].Select(row => new KnownHandle(row.Id, row.AttachInfo, row.HostWork, row.Missing))])
                      {
                          Missing = deployable.Missing,
                      },
               ]),
        ];
    }

    private static DriverDevice Facts(DeviceRow device, ControlPathRow path) => new()
    {
        Vendor = device.Vendor,
        Model = device.Model,
        Type = device.Type,
        StdBoardInfo = device.StdBoardInfo,
        VendorBoardInfo = device.VendorBoardInfo,
        ControlPath = new DriverControlPath(path.CpidType, path.CpidInfo),
        Deployables = [],
    };
}
