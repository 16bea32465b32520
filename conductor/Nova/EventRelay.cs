using Cyborg.Conductor.Telemetry;
using Cyborg.Hosting.Faults;
using Cyborg.Hosting.Telemetry;
using Cyborg.Storage;
using Microsoft.Extensions.Logging;

namespace Cyborg.Conductor.Nova;

/// <summary>Sends what is owed to Nova: claims messages for some seconds, posts them instance by instance, and settles each by Nova's answer. No
/// transaction is held while Nova is asked. Any conductor may die at any point: its claim runs out, and another sends the message again.</summary>
internal sealed class EventRelay(CyborgDatabase database, NovaClient nova, ILogger log, TimeProvider time)
{
    private const int Most = 128;
    private const int InstancesAtOnce = 8;

    // More than Nova may take to answer.
    private static readonly TimeSpan Claim = NovaEndpoint.Timeout + TimeSpan.FromSeconds(5);

    private readonly Pulse _pulse = new(Pulse.Seldom, time);

    /// <summary>Which trace each bind belongs to.</summary>
    public BindTraces Traces { get; init; } = new();

    /// <summary>There is something to send.</summary>
    public void Nudge() => _pulse.Nudge();

    /// <summary>Works until it is stopped.</summary>
    public Task RunAsync(CancellationToken stop) => _pulse.RunAsync(RoundAsync, error => Log.RelayFailed(log, error), stop);

    /// <summary>Sends what is due; true if there may be more.</summary>
    public async Task<bool> RoundAsync(CancellationToken stop)
    {
        if (!await database.ReadAsync(NovaEventStore.AnyDueAsync, stop))
            return false;
        var token = Guid.NewGuid();
        var claimed = await database.TransactAsync(session => NovaEventStore.ClaimAsync(session, token, Most, Claim.TotalSeconds), stop);
        if (claimed.Count == 0)
            return false;
        FaultPoints.Reach(FaultPoint.EventClaimed);
        var instances = claimed.GroupBy(row => row.InstanceUuid);
        await Parallel.ForEachAsync(
            instances, new ParallelOptions { MaxDegreeOfParallelism = InstancesAtOnce, CancellationToken = stop },
            async (instance, cancel) => await TellAsync([.. instance], token, cancel));
        return claimed.Count == Most;
    }

    private async Task TellAsync(IReadOnlyList<NovaEvent> events, Guid token, CancellationToken stop)
    {
        var done = events.Where(row => row.Void).Select(row => row.Id).ToList();
        List<NovaEvent> live = [.. events.Where(row => !row.Void)];
        var again = new List<NovaEvent>();
        if (live.Count > 0)
        {
            using var span = ConductorTraces.Start(Tracing.JobPrefix + "tell nova", Traces.Of(live[0].ArqUuid));
            var began = time.GetTimestamp();
            var reply = await nova.SendAsync(live, stop);
            ConductorMetrics.BindSteps.Record(
                time.GetElapsedTime(began).TotalSeconds, ConductorMetrics.Tag("step", "notify"), ConductorMetrics.Tag("outcome", reply.Problem is null ? "ok" : "failed"));
            FaultPoints.Reach(FaultPoint.EventSent);
            foreach (var row in live)
            {
                var verdict = EventVerdict.Of(row, reply);
                Tell(row, reply, verdict);
                ConductorMetrics.Events.Add(1, ConductorMetrics.Tag("status", row.Status), ConductorMetrics.Tag("verdict", verdict.ToString().ToLowerInvariant()));
                if (verdict == Verdict.Again)
                    again.Add(row);
                else
                    done.Add(row.Id);
            }
        }
        await database.TransactAsync(
            async session =>
            {
                if (done.Count > 0)
                    await NovaEventStore.DeleteAsync(session, done, token);
                foreach (var delayed in again.GroupBy(row => EventVerdict.Delay(row.Attempts)))
                    await NovaEventStore.PostponeAsync(session, [.. delayed.Select(row => row.Id)], token, delayed.Key);
            },
            stop);
    }

    private void Tell(NovaEvent row, NovaReply reply, Verdict verdict)
    {
        if (verdict == Verdict.Refused)
            Log.EventRefused(log, row.ArqUuid, row.InstanceUuid, row.Status);
        else if (reply.Problem is { } problem)
            Log.EventDelayed(log, row.ArqUuid, row.InstanceUuid, row.Status, problem);
        else
            Log.EventSent(log, row.ArqUuid, row.InstanceUuid, row.Status);
    }
}
