using Cyborg.Agent.Journal;
using Microsoft.Extensions.Logging;

namespace Cyborg.Agent.Leases;

/// <summary>Which epoch the host is in, as the agent was last told, and for which it has reported in full. A fence begins a new epoch; only a full report
/// for it ends the fence.</summary>
internal sealed class HostEpochs(AgentJournal journal, ILogger log)
{
    private readonly Lock _gate = new();
    private long? _told;
    private long? _synced;
    private long _reports;

    /// <summary>The epoch that the agent was last told; after a restart the one that it last reported for.</summary>
    public long Told
    {
        get
        {
            lock (_gate)
                return _told ?? Synced;
        }
    }

    /// <summary>Epoch for which the last full report was accepted; 0 before the first.</summary>
    public long Synced
    {
        get
        {
            lock (_gate)
                return _synced ?? journal.State.SyncedEpoch;
        }
    }

    /// <summary>Reports accepted by now.</summary>
    public long Reports => Interlocked.Read(ref _reports);

    /// <summary>True if no full report was accepted for the present epoch.</summary>
    public bool Behind => Told != Synced;

    /// <summary>A conductor tells the host's epoch.</summary>
    public void Tell(long epoch)
    {
        lock (_gate)
            _told = epoch;
    }

    /// <summary>A full report was accepted. The journal is told as well; if it cannot be written, a restart reports once more than needed.</summary>
    /// <param name="sent">The epoch that the report named.</param>
    /// <param name="told">The epoch that the reply told.</param>
    public async Task AcceptedAsync(long sent, long told)
    {
        lock (_gate)
            (_synced, _told) = (sent, told);
        Interlocked.Increment(ref _reports);
        if (journal.State.SyncedEpoch == sent)
            return;
        try
        {
            await journal.ChangeAsync(state => state with { SyncedEpoch = sent }).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.EpochNotKept(log, e, sent);
        }
    }
}
