using Cyborg.Conductor.Telemetry;
using Cyborg.Hosting.Systemd;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using Microsoft.Extensions.Logging;

namespace Cyborg.Conductor.Hosts;

/// <summary>Takes agents' signs of life. They wait for the next combined write, so that a thousand hosts cost as many statements as one: at most
/// four per <c>[conductor] save_interval</c> (lock, renew, install jobs, and a look for hosts that were not locked). A reply is sent when the
/// write is committed: it confirms the lease.</summary>
internal sealed class Heartbeats(CyborgDatabase database, ConductorOptions options, ILogger log, TimeProvider time)
{
    /// <summary>Far more than a write of the leases takes, its repetitions included, on a database that is slow or away.</summary>
    private static readonly TimeSpan LongestWrite = TimeSpan.FromMinutes(10);

    private readonly Lock _turn = new();
    private List<Waiter> _waiting = [];
    private bool _closed;

    /// <summary>Waits for the next write, and answers what it returned.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.Conflict"/>: another agent holds the host's name; <see cref="FaultCode.Unavailable"/>:
    /// the write failed, or the conductor stops.</exception>
    public Task<HeartbeatReply> HandleAsync(Heartbeat beat, CallContext call, CancellationToken stop)
    {
        var waiter = new Waiter(call.Host!, beat, time.GetTimestamp());
        lock (_turn)
        {
            if (_closed)
                throw Stopping();
            _waiting.Add(waiter);
        }
        return waiter.Reply.Task.WaitAsync(stop);
    }

    /// <summary>Shows whether it goes on.</summary>
    public LoopSign Sign { get; } = new("writes of leases", options.SaveInterval + LongestWrite, time);

    /// <summary>Writes what waits, every <c>save_interval</c>, until <paramref name="stop"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(options.SaveInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                Sign.Round();
                await FlushAsync(stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The conductor stops; agents turn to another.
        }
        foreach (var waiter in Close())
            waiter.Reply.TrySetException(Stopping());
    }

    /// <summary>Writes what waits now.</summary>
    internal async Task FlushAsync(CancellationToken stop)
    {
        List<Waiter> batch;
        lock (_turn)
            (batch, _waiting) = (_waiting, []);
        if (batch.Count == 0)
            return;
        var began = time.GetTimestamp();
        ConductorMetrics.Heartbeats.Add(batch.Count);
        try
        {
            Tell(batch, await database.TransactAsync(session => WriteAsync(session, batch), stop));
        }
        catch (Exception error)
        {
            if (error is not (FaultException or OperationCanceledException))
                Log.HeartbeatsFailed(log, error);
            var fault = error is FaultException ? error : new FaultException(FaultCode.Unavailable, "The lease could not be written; try again.", error);
            foreach (var waiter in batch)
                waiter.Reply.TrySetException(fault);
        }
        ConductorMetrics.HeartbeatWrites.Record(time.GetElapsedTime(began).TotalSeconds);
    }

    private List<Waiter> Close()
    {
        lock (_turn)
        {
            _closed = true;
            return _waiting;
        }
    }

    private void Tell(List<Waiter> batch, IReadOnlyDictionary<Waiter, Answer> answers)
    {
        List<Waiter> passedOver = [];
        foreach (var waiter in batch)
        {
            if (!answers.TryGetValue(waiter, out var answer))
                passedOver.Add(waiter);
            else if (answer.Refusal is { } refusal)
                waiter.Reply.TrySetException(new FaultException(FaultCode.Conflict, refusal));
            else
                waiter.Reply.TrySetResult(answer.Reply!);
        }
        lock (_turn)
            _waiting.InsertRange(0, passedOver.Where(waiter => time.GetElapsedTime(waiter.Arrived) < options.LeaseTimeout));
    }

    /// <summary>One write: the answers of all whose host could be locked, or is unknown. The others wait for the next.</summary>
    private async Task<IReadOnlyDictionary<Waiter, Answer>> WriteAsync(Session session, List<Waiter> batch)
    {
        // Ages are measured before the transaction's own clock is read, so that a lease is never written older than it is.
        var ages = batch.ToDictionary(waiter => waiter, waiter => time.GetElapsedTime(waiter.Arrived));
        var hosts = batch.ToLookup(waiter => waiter.Host);
        var names = hosts.Select(host => host.Key).ToList();
        var leases = await HostStore.LockFreeAsync(session, names, options.LeaseTimeout);
        var answers = new Dictionary<Waiter, Answer>();
        List<HostRenewal> renewals = [];
        List<(Waiter Waiter, HostLease Lease)> accepted = [];
        foreach (var lease in leases)
        {
            var (speakers, refused) = LetIn(lease, hosts[lease.Name]);
            foreach (var (waiter, refusal) in refused)
                answers[waiter] = new Answer(null, refusal);
            accepted.AddRange(speakers.Select(waiter => (waiter, lease)));
            if (speakers.LastOrDefault() is { } last)
                renewals.Add(new HostRenewal(lease.Id, last.Beat.Agent.AgentId, last.Beat.Agent.BootId, last.Beat.Agent.BootNumber, ages[last].TotalSeconds));
        }
        // A host becomes known by its first report.
        foreach (var waiter in (await UnknownAsync(session, [.. names.Except(leases.Select(lease => lease.Name))])).SelectMany(name => hosts[name]))
            answers[waiter] = new Answer(new HeartbeatReply(Epoch: 0, ReportWanted: true, Install: []), null);
        if (renewals.Count == 0)
            return answers;

        await HostStore.RenewAsync(session, renewals);
        var jobs = (await DeviceStore.InstallJobsAsync(session, [.. accepted.Select(pair => pair.Lease.Name).Distinct()])).ToLookup(job => job.Hostname);
        foreach (var (waiter, lease) in accepted)
        {
            IReadOnlyList<InstallDevice> install = [.. jobs[lease.Name].Select(job => new InstallDevice(job.Uuid, job.Driver, job.ControlPath))];
            answers[waiter] = new Answer(new HeartbeatReply(lease.Epoch, LeaseRules.ReportWanted(lease, waiter.Beat), install) { Providers = lease.Providers }, null);
        }
        return answers;
    }

    /// <summary>Applies the rule to all who spoke for one host, in the order of their coming.</summary>
    private static (List<Waiter> LetIn, List<(Waiter Waiter, string Refusal)> Refused) LetIn(HostLease lease, IEnumerable<Waiter> speakers)
    {
        List<Waiter> letIn = [];
        List<(Waiter, string)> refused = [];
        foreach (var waiter in speakers)
        {
            if (LeaseRules.Refusal(lease, waiter.Beat.Agent) is { } refusal)
            {
                refused.Add((waiter, refusal));
                continue;
            }
            lease = LeaseRules.Taken(lease, waiter.Beat.Agent);
            letIn.Add(waiter);
        }
        return (letIn, refused);
    }

    private static async Task<IEnumerable<string>> UnknownAsync(Session session, IReadOnlyCollection<string> notLocked) =>
        notLocked.Count == 0 ? [] : notLocked.Except(await HostStore.ExistingAsync(session, notLocked));

    private static FaultException Stopping() => new(FaultCode.Unavailable, "The conductor is stopping; another one takes heartbeats.");

    private sealed record Answer(HeartbeatReply? Reply, string? Refusal);

    private sealed class Waiter(string host, Heartbeat beat, long arrived)
    {
        public string Host => host;

        public Heartbeat Beat => beat;

        public long Arrived => arrived;

        public TaskCompletionSource<HeartbeatReply> Reply { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
