using Cyborg.Conductor.Hosts;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Providers;

/// <summary>Takes in what an agent found in Placement: providers that were there under other uuids, which win, and those of missing deployables that are
/// gone, whose rows then go unless something holds them.</summary>
internal static class ReportHostProviders
{
    /// <exception cref="FaultException"><see cref="FaultCode.Conflict"/>: another agent holds the host's name.</exception>
    public static async Task<Done> HandleAsync(ConductorServices services, ReportProviders report, CallContext call, CancellationToken stop)
    {
        var host = call.Host!;
        List<(AdoptedProvider Wish, Adoption Came)> adoptions = [];
        var gone = 0;
        var done = await services.Mutations.OnceAsync(
            Verbs.ReportProviders,
            call,
            async session =>
            {
                (adoptions, gone) = ([], 0);
                var lease = await HostStore.LockAsync(session, host, services.Options.LeaseTimeout);
                if (LeaseRules.Refusal(lease, report.Agent) is { } refusal)
                    throw new FaultException(FaultCode.Conflict, refusal);
                foreach (var wish in report.Adopted.OrderBy(wish => wish.DeployableUuid))
                    adoptions.Add((wish, await ProviderStore.AdoptAsync(session, host, wish.DeployableUuid, wish.ProviderUuid)));
                if (report.Gone.Count > 0)
                    gone = await ProviderStore.RemoveMissingAsync(session, host, report.Gone);
                // A device that was plugged in again meanwhile has lost its rows: the agent's next word makes them anew.
                if (gone > 0)
                    await HostStore.ForgetReportAsync(session, [host]);
                return Done.Instance;
            },
            stop);
        Tell(services, host, adoptions, gone);
        return done;
    }

    private static void Tell(ConductorServices services, string host, List<(AdoptedProvider Wish, Adoption Came)> adoptions, int gone)
    {
        foreach (var (wish, came) in adoptions)
        {
            if (came == Adoption.Done)
                Log.ProviderAdopted(services.Log, host, wish.DeployableUuid, wish.ProviderUuid);
            else if (came == Adoption.Taken)
                Log.ProviderTaken(services.Log, host, wish.DeployableUuid, wish.ProviderUuid);
        }
        if (gone > 0)
            Log.MissingRemoved(services.Log, host, gone);
    }
}
