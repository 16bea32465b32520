using System.Diagnostics;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Providers;

/// <summary>Has a device's agent bring Placement up to date now, so that a caller who has disabled or enabled it finds that done. What is not done in
/// time the agent does at its next heartbeat, whose reply names a newer version.</summary>
internal static class SyncHost
{
    // Less is not worth a call.
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(50);

    /// <summary>The context of a call to an agent on behalf of another call, with what is left of its time.</summary>
    /// <param name="call">The other call.</param>
    /// <param name="longest">The longest that any call waits.</param>
    /// <param name="began">When it came, see <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <returns>Null if there is no time left.</returns>
    public static CallContext? OnBehalf(CallContext call, TimeSpan longest, long began)
    {
        var left = (call.TimeLeft < longest ? call.TimeLeft : longest) - Stopwatch.GetElapsedTime(began);
        // A new call with an id of its own: the client's id is spent on its transaction.
        return left < Least ? null : call with { IdempotencyId = null, Host = null, TimeLeft = left };
    }

    /// <summary>Asks the device's agent, unless no agent writes its host's providers. Does not fail.</summary>
    public static async Task TryAsync(ConductorServices services, Guid device, CallContext call, long began, CancellationToken stop)
    {
        if (await services.Database.ReadAsync(session => DeviceStore.ProvidersAsync(session, device), stop) is not { } wanted)
            return;
        string? problem;
        try
        {
            problem = OnBehalf(call, services.Options.AgentPatience, began) is { } own
                ? (await services.Agents.CallAsync(Verbs.SyncProviders, new SyncProviders(wanted.Version), own, wanted.Hostname, stop)).Error
                : "there was no time left to ask its agent";
        }
        catch (FaultException fault)
        {
            problem = fault.Message;
        }
        if (problem is not null)
            Log.SyncLater(services.Log, device, wanted.Hostname, problem);
    }
}
