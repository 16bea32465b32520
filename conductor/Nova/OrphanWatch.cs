using Cyborg.Conductor.Requests;
using Cyborg.Hosting.Faults;
using Cyborg.Storage;
using Microsoft.Extensions.Logging;

namespace Cyborg.Conductor.Nova;

/// <summary>Gives back accelerator requests that nobody else would: those of a server whose boot an interrupted Nova has given up, or that is gone. Nova
/// tells nobody of the first, and does not repeat a delete that failed. Servers are claimed for some seconds, looked at, and put off; no transaction is held
/// while Nova is asked. Any conductor may die at any point: its claim runs out, and another looks.</summary>
internal sealed class OrphanWatch(CyborgDatabase database, NovaServers nova, TimeSpan interval, ILogger log, TimeProvider time)
{
    private const int Most = 16;
    private const int AtOnce = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // More than Nova may take for two answers about each of those that wait for each other.
    private static readonly TimeSpan Claim = NovaEndpoint.Timeout * 2 * (Most / AtOnce) + Patience;

    private readonly Pulse _pulse = new(Pulse.Seldom, time);
    private volatile bool _knowsOurs;
    private volatile bool _toldProblem;

    /// <summary>Called when a host is left with work.</summary>
    public Action WorkLeft { get; init; } = () => { };

    /// <summary>The time of a server has come.</summary>
    public void Nudge() => _pulse.Nudge();

    /// <summary>Works until it is stopped.</summary>
    public Task RunAsync(CancellationToken stop) => _pulse.RunAsync(RoundAsync, error => Log.OrphansFailed(log, error), stop);

    /// <summary>Looks at the servers whose time has come; true if there may be more.</summary>
    public async Task<bool> RoundAsync(CancellationToken stop)
    {
        if (!await database.ReadAsync(ServerCheckStore.AnyDueAsync, stop))
            return false;
        var token = Guid.NewGuid();
        var claimed = await database.TransactAsync(session => ServerCheckStore.ClaimAsync(session, token, Most, Claim.TotalSeconds), stop);
        var unanswered = 0;
        await Parallel.ForEachAsync(
            claimed, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop },
            async (check, cancel) =>
            {
                if (await LookAsync(check, token, cancel) == OrphanStep.AskAgain)
                    Interlocked.Increment(ref unanswered);
            });
        return claimed.Count == Most && unanswered == 0;
    }

    private async Task<OrphanStep> LookAsync(ServerCheck check, Guid token, CancellationToken stop)
    {
        var look = await nova.LookAsync(check.Instance, stop);
        if (look.Fate is ServerFate.Alive or ServerFate.NeverStarted)
            _knowsOurs = true;
        TellProblem(look.Problem);
        var step = OrphanRules.After(look.Fate, check.Suspect, _knowsOurs);
        if (step == OrphanStep.GiveBack && look.Fate == ServerFate.Gone)
            step = await ConfirmAsync(check.Instance, stop);
        if (step == OrphanStep.GiveBack)
        {
            await GiveBackAsync(check, token, look.Fate, stop);
            return step;
        }
        if (step == OrphanStep.Suspect)
            Log.OrphanSuspected(log, check.Instance, Words(look.Fate));
        var suspect = step == OrphanStep.Suspect || (step == OrphanStep.AskAgain && check.Suspect);
        await database.TransactAsync(
            session => ServerCheckStore.PostponeAsync(
                session, check, token, OrphanRules.Delay(step, check.Looks, interval.TotalSeconds), looked: step != OrphanStep.AskAgain, suspect),
            stop);
        return step;
    }

    private async Task<OrphanStep> ConfirmAsync(Guid server, CancellationToken stop)
    {
        switch (await nova.IsGoneAsync(server, stop))
        {
            case true:
                return OrphanStep.GiveBack;
            case false:
                _knowsOurs = false;
                Log.ServerHidden(log, server);
                return OrphanStep.Keep;
            default:
                return OrphanStep.AskAgain;
        }
    }

    private async Task GiveBackAsync(ServerCheck check, Guid token, ServerFate fate, CancellationToken stop)
    {
        var (count, leftJobs) = await database.TransactAsync(
            async session =>
            {
                // As a delete by instance does it, and only if nothing has been done to them since Nova was asked.
                await session.LockInstancesAsync([check.Instance]);
                var arqs = await ServerCheckStore.LockClaimedAsync(session, check, token);
                if (arqs.Count == 0)
                    return (0, false);
                var released = await AttachHandleStore.ReleaseAsync(session, arqs);
                if (await ArqStore.DeleteAsync(session, arqs) != arqs.Count)
                    throw RequestFaults.Changed();
                return (arqs.Count, released.LeftJobs);
            },
            stop);
        if (count == 0)
            return;
        FaultPoints.Reach(FaultPoint.ReleaseCommitted);
        Log.OrphanGivenBack(log, check.Instance, Words(fate), string.Join(", ", check.Arqs.Keys.Order()));
        if (leftJobs)
            WorkLeft();
    }

    private static string Words(ServerFate fate) => fate == ServerFate.Gone ? "is gone" : "is in ERROR, and was never started";

    /// <summary>Once for as long as Nova does not say.</summary>
    private void TellProblem(string? problem)
    {
        if (problem is not null && !_toldProblem)
            Log.ServersNotShown(log, problem);
        _toldProblem = problem is not null;
    }
}
