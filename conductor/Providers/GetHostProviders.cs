using Cyborg.Conductor.Hosts;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Providers;

/// <summary>Tells an agent what of its host Placement is to show: everything of one moment, with the number by which heartbeats name it.</summary>
internal static class GetHostProviders
{
    /// <exception cref="FaultException"><see cref="FaultCode.Conflict"/>: another agent holds the host's name; <see cref="FaultCode.Unavailable"/>: the host
    /// has not reported yet. An empty answer would have its agent take providers away that may be wanted.</exception>
    public static Task<HostProviders> HandleAsync(ConductorServices services, GetProviders request, CallContext call, CancellationToken stop)
    {
        var host = call.Host!;
        return services.Database.ReadSnapshotAsync(
            async session =>
            {
                if (await HostStore.ReadAsync(session, host, services.Options.LeaseTimeout) is not { } lease)
                    throw new FaultException(FaultCode.Unavailable, $"Host {host} has not reported yet; what Placement is to show of it is known when it has.");
                if (LeaseRules.Refusal(lease, request.Agent) is { } refusal)
                    throw new FaultException(FaultCode.Conflict, refusal);
                var rows = await ProviderStore.LoadAsync(session, host);
                return new HostProviders(lease.Providers, lease.Epoch, lease.Fenced, [.. rows.Select(Wanted)]);
            },
            stop);
    }

    private static WantedProvider Wanted(ProviderRow row) => new(
        row.Deployable.Uuid,
        // A stored uuid wins over a computed one: the provider may have been there before.
        row.Deployable.RpUuid ?? ProviderIdentity.Uuid(row.Deployable.Name),
        row.Deployable.Name,
        row.State,
        row.Missing,
        row.Deployable.NumAccelerators,
        row.Withheld,
        row.Attributes,
        row.Deployable.FunctionTrait);
}
