using Cyborg.Identity.Session;
using Cyborg.Placement;

namespace Cyborg.Conductor.Providers;

/// <summary>Joins <see cref="Fences"/> and the room that talks to Placement.</summary>
internal static class PlacementFence
{
    public static ReserveProviders Over(KeystoneSession session)
    {
        var fence = new ProviderFence(new PlacementClient(session));
        return async (providers, stillFenced, stop) =>
        {
            var outcome = await fence.ReserveAsync(providers, stillFenced, stop);
            return outcome.End == FenceEnd.Failed ? outcome.Reason ?? "Placement did not take it." : null;
        };
    }
}
