using System.Collections.Concurrent;
using System.Diagnostics;
using Cyborg.Conductor.Drivers;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Services;

/// <summary>What the backends of hosts offer: as their agents have told it, and asked for anew.</summary>
internal static class ManageServices
{
    private const int AtOnce = 32;

    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    /// <summary>Lists them. One statement.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.DriverNotFound"/>: a host is named, and there is none.</exception>
    public static async Task<ServiceList> ListAsync(ConductorServices services, ListServices request, CancellationToken stop) =>
        new(Services(await HostsAsync(services, request.Host, stop)), []);

    /// <summary>Has agents ask their backends, and lists what they say. A host that does not answer keeps no other from telling.</summary>
    /// <exception cref="FaultException">As for <see cref="ListAsync"/>.</exception>
    public static async Task<ServiceList> DiscoverAsync(ConductorServices services, ListServices request, CallContext call, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        var hosts = await HostsAsync(services, request.Host, stop);
        var told = new ConcurrentDictionary<string, HostDrivers>(StringComparer.Ordinal);
        var silent = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        foreach (var host in hosts.Where(host => !host.Live))
            silent[host.Name] = "its agent is not heard now.";
        await Parallel.ForEachAsync(
            hosts.Where(host => host.Live), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop },
            async (host, cancel) =>
            {
                try
                {
                    var own = call with { IdempotencyId = null, Host = null, TimeLeft = call.TimeLeft - Margin - Stopwatch.GetElapsedTime(began) };
                    told[host.Name] = await services.Agents.CallAsync(Verbs.AskServices, new AskServices(), own, host.Name, cancel);
                }
                catch (FaultException fault)
                {
                    silent[host.Name] = fault.Message;
                }
            });
        if (!told.IsEmpty)
            await services.Database.TransactAsync(session => KeepAsync(session, told), stop);
        List<DriverHost> now = [.. hosts.Select(host => host with { Told = told.GetValueOrDefault(host.Name, host.Told) })];
        return new ServiceList(Services(now), [.. silent.OrderBy(host => host.Key, StringComparer.Ordinal).Select(host => new SilentHost(host.Key, host.Value))]);
    }

    private static async Task<List<DriverHost>> HostsAsync(ConductorServices services, string? wanted, CancellationToken stop)
    {
        var hosts = await services.Database.ReadAsync(session => DriverHosts.LoadAsync(session, services.Options.LeaseTimeout), stop);
        if (wanted is null)
            return hosts;
        return hosts.Find(host => host.Name == wanted) is { } found ? [found] : throw DriverHosts.NoHost(wanted);
    }

    // In the order of their names: two that do it at once must not wait for each other.
    private static async Task<bool> KeepAsync(Session session, IReadOnlyDictionary<string, HostDrivers> told)
    {
        foreach (var (host, drivers) in told.OrderBy(one => one.Key, StringComparer.Ordinal))
            await DriverStore.TellAsync(session, host, HostTale.Text(drivers));
        return true;
    }

    private static List<HostService> Services(IEnumerable<DriverHost> hosts) =>
    [
        .. from host in hosts
           from service in host.Told.Services
           select new HostService(host.Name, host.Live, service),
    ];
}
