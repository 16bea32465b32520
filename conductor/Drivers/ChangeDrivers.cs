using System.Diagnostics;
using Cyborg.Conductor.Inventory;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Drivers;

/// <summary>Has agents install, update and uninstall driver packages. What is installed is kept by the agent alone, which tells it with each report; nothing has
/// to be made good here when a conductor dies in between. A call that is sent again goes to the host that was chosen first, whose agent finds its work
/// done.</summary>
internal static class ChangeDrivers
{
    // What a caller needs to hear of the outcome in time.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    /// <exception cref="FaultException">No host or several come into question, the host has the driver, or its agent refuses.</exception>
    public static Task<HostDriver> InstallAsync(ConductorServices services, ChangeDriver request, CallContext call, CancellationToken stop) =>
        PutAsync(services, Verbs.InstallDriver, Verbs.PlaceDriver, DriverHosts.ToInstall, request, call, stop);

    /// <exception cref="FaultException">No host has the driver, several have, or its agent refuses: then the present version goes on.</exception>
    public static Task<HostDriver> UpdateAsync(ConductorServices services, ChangeDriver request, CallContext call, CancellationToken stop) =>
        PutAsync(services, Verbs.UpdateDriver, Verbs.ReplaceDriver, DriverHosts.Having, request, call, stop);

    /// <exception cref="FaultException"><see cref="FaultCode.Conflict"/>: something of the driver's devices is in use; others as for
    /// <see cref="UpdateAsync"/>.</exception>
    public static async Task<HostDriver> UninstallAsync(ConductorServices services, UninstallDriver request, CallContext call, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        var chosen = await services.Mutations.OnceAsync(
            Verbs.UninstallDriver,
            call,
            async session =>
            {
                var host = DriverHosts.Having(await DriverHosts.LoadAsync(session, services.Options.LeaseTimeout), request.Id, request.Host);
                var driver = host.Drivers(request.Id).First();
                if (driver.Version is not null)
                    await WithdrawAsync(services, session, driver);
                return driver;
            },
            stop);
        var order = new RemoveDriver(chosen.Id, call.IdempotencyId ?? Guid.NewGuid());
        await KeepAsync(services, chosen.Host, await AskAsync(services, Verbs.RemoveDriver, order, chosen.Host, call, began, stop), stop);
        Log.DriverRemoved(services.Log, chosen.Id, chosen.Version, chosen.Host);
        return chosen;
    }

    private static async Task<HostDriver> PutAsync(
        ConductorServices services, Verb<ChangeDriver, HostDriver> verb, Verb<PutDriver, HostDrivers> work,
        Func<IReadOnlyList<DriverHost>, string, string?, DriverHost> choose, ChangeDriver request, CallContext call, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        var chosen = await services.Mutations.OnceAsync(
            verb,
            call,
            async session =>
            {
                var host = choose(await DriverHosts.LoadAsync(session, services.Options.LeaseTimeout), request.Id, request.Host);
                return new HostDriver(request.Id, host.Name, request.Version, Live: true, null, []);
            },
            stop);
        var order = new PutDriver(request.Id, request.Version, request.Checksum, call.IdempotencyId ?? Guid.NewGuid());
        var told = await AskAsync(services, work, order, chosen.Host, call, began, stop);
        await KeepAsync(services, chosen.Host, told, stop);
        var driver = new DriverHost(chosen.Host, Live: true, told).Drivers(request.Id).FirstOrDefault() ?? throw DriverHosts.NotFound(request.Id, chosen.Host);
        Log.DriverPut(services.Log, driver.Id, driver.Version, driver.Host);
        return driver;
    }

    /// <summary>Takes a driver's devices out of reach before it goes: they are missing from here on, so that no bind gets one. If its agent keeps it after all,
    /// the report that the host is asked for brings them back.</summary>
    private static async Task WithdrawAsync(ConductorServices services, Session session, HostDriver driver)
    {
        await HostStore.LockAsync(session, driver.Host, services.Options.LeaseTimeout);
        if (await DriverStore.IsUsedAsync(session, driver.Host, driver.Id))
            throw InUse(driver);
        await HostStore.ForgetReportAsync(session, [driver.Host]);
        var known = ReportDevices.Known(await InventoryStore.LoadAsync(session, driver.Host)).Where(device => device.Driver == driver.Id).ToList();
        var plan = InventoryDiff.Compare(known, [new DriverDiscovery(driver.Id, [])]);
        // A handle that was taken since is not removed, and is in use.
        if (!await InventoryChanges.ApplyAsync(session, driver.Host, plan, new ReportTerms(DeviceState.Inactive, KeepMissing: true, null)))
            throw InUse(driver);
    }

    private static FaultException InUse(HostDriver driver) =>
        new(FaultCode.Conflict, $"A device of the driver {driver.Id} on host {driver.Host} is in use. Detach it first.");

    private static async Task<HostDrivers> AskAsync<TRequest>(
        ConductorServices services, Verb<TRequest, HostDrivers> verb, TRequest request, string host, CallContext call, long began, CancellationToken stop)
    {
        try
        {
            var own = call with { IdempotencyId = null, Host = null, TimeLeft = call.TimeLeft - Margin - Stopwatch.GetElapsedTime(began) };
            return await services.Agents.CallAsync(verb, request, own, host, stop);
        }
        catch (FaultException fault) when (fault.Code == FaultCode.DeadlineExceeded)
        {
            throw new FaultException(
                FaultCode.StillGoingOn, $"The agent of host {host} has not answered yet. The work goes on; GET /v1/drivers shows how it ends.", fault);
        }
        catch (FaultException fault) when (fault.Code == FaultCode.NoResponder)
        {
            throw new FaultException(FaultCode.Conflict, $"The agent of host {host} is not there.", fault);
        }
    }

    private static Task<int> KeepAsync(ConductorServices services, string host, HostDrivers told, CancellationToken stop) =>
        services.Database.TransactAsync(session => DriverStore.TellAsync(session, host, HostTale.Text(told)), stop);
}
