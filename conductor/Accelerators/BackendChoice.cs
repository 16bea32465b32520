using Cyborg.Conductor.Drivers;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Accelerators;

/// <summary>Where an accelerator is to be made.</summary>
/// <param name="Host">The host.</param>
/// <param name="Driver">Entry name of the driver.</param>
/// <param name="Backend">The backend.</param>
internal sealed record BackendPlace(string Host, string Driver, string Backend);

/// <summary>Chooses the backend that makes an accelerator. Pure.</summary>
internal static class BackendChoice
{
    /// <summary>Backends as they are kept in the row of their host; their devices are not.</summary>
    public static string? Text(IReadOnlyList<ReportedBackend>? backends) => backends is null ? null : HostTale.Text(new HostDrivers([], backends, []));

    /// <summary>The one place that fits, or the first of one host.</summary>
    /// <param name="hosts">Hosts with their backends.</param>
    /// <param name="host">The host that is wanted; null for any.</param>
    /// <param name="backend">The backend that is wanted; null for any.</param>
    /// <exception cref="FaultException"><see cref="FaultCode.NoBackend"/>: nothing fits, or several hosts do.</exception>
    public static BackendPlace Choose(IReadOnlyList<BackendHost> hosts, string? host, string? backend)
    {
        var fitting = (from known in hosts
                       where known.Live && (host is null || known.Name == host)
                       from offered in HostTale.Read(known.Backends).Backends
                       where offered.Creates && (backend is null || offered.Backend == backend)
                       select new BackendPlace(known.Name, offered.Driver, offered.Backend)).ToList();
        var names = fitting.Select(place => place.Host).Distinct(StringComparer.Ordinal).ToList();
        return names.Count switch
        {
            1 => fitting[0],
            0 => throw new FaultException(
                FaultCode.NoBackend, $"No {(backend is null ? "backend" : $"backend '{backend}'")}{(host is null ? "" : $" of host {host}")} can create accelerators now."),
            _ => throw new FaultException(
                FaultCode.NoBackend,
                $"Several hosts have {(backend is null ? "a backend that creates accelerators" : $"the backend '{backend}'")}: {string.Join(", ", names.Take(5))}"
                    + $"{(names.Count > 5 ? ", ..." : "")}. Name one with \"host\" (API 1.1) or in [generic] default_host."),
        };
    }
}
