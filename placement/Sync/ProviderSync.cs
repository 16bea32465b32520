namespace Cyborg.Placement;

/// <summary>Brings what Placement shows of one host to what the database says: reads, compares, writes what differs. One call at a time.</summary>
/// <remarks>Each write is conditional on the generation that was read. When somebody else was quicker, everything is read again: what is wanted, whether
/// more may be offered, and what Placement shows.</remarks>
public sealed class ProviderSync
{
    /// <summary>So many times in a row somebody else may be quicker.</summary>
    private const int Rounds = 8;

    private readonly SyncSource _source;
    private readonly TreeReader _reader;
    private readonly NameKeeper _names;
    private readonly PlanRunner _runner;

    /// <summary>A sync of one host.</summary>
    public ProviderSync(PlacementClient client, SyncSource source)
    {
        _source = source;
        _reader = new TreeReader(client);
        _names = new NameKeeper(client);
        _runner = new PlanRunner(client, _reader, _names);
    }

    /// <summary>Syncs.</summary>
    /// <param name="rewrite">Whether to write inventories that are as they should be, too, asked for the wants of each look: after a fence, whose last write
    /// may still be on its way.</param>
    /// <param name="stop">Gives up; what was written stays.</param>
    /// <exception cref="PlacementException">Placement cannot be used.</exception>
    public async Task<SyncResult> RunAsync(Func<HostWants, bool> rewrite, CancellationToken stop)
    {
        var (notes, writes) = (new SyncNotes(), 0);
        for (var moved = 0; ;)
        {
            var wants = await _source.ReadWants(stop).ConfigureAwait(false);
            notes.Begin(wants.Epoch);
            var desired = await DesireAsync(wants, stop).ConfigureAwait(false);
            var (host, tree) = await _reader.HostTreeAsync(_source.HostName, stop).ConfigureAwait(false);
            var observed = await _reader.ReadAsync(host, tree, desired, _source.Ledger(), stop).ConfigureAwait(false);
            var plan = TreeDiff.Of(desired, observed, _source.Ledger(), new PlanLimits(_source.MayGrow(wants), rewrite(wants), notes));
            if (plan.Steps.Count > 0)
                Keep(plan.Before);
            var report = await _runner.RunAsync(plan.Steps, () => _source.MayGrow(wants), notes, stop).ConfigureAwait(false);
            writes += plan.Steps.Count;
            if (report.End == RunEnd.Done)
                return Finish(wants, desired, plan, report, writes);
            if (report.End == RunEnd.Moved && ++moved >= Rounds)
                return new SyncResult(wants, [], [], desired.Problems, [.. plan.Problems, .. report.Held], false, Contested: true, writes);
        }
    }

    /// <summary>True if Placement's list of the host's providers is not as the last sync has left it. One call.</summary>
    /// <exception cref="PlacementException">Placement cannot be used.</exception>
    public async Task<bool> HasDriftedAsync(CancellationToken stop)
    {
        var (_, tree) = await _reader.HostTreeAsync(_source.HostName, stop).ConfigureAwait(false);
        return !_reader.IsAsLeft(tree, _source.Ledger());
    }

    private async Task<DesiredTree> DesireAsync(HostWants wants, CancellationToken stop)
    {
        var desired = DesiredTree.Of(wants);
        return desired.WithoutTraits(await _names.MissingStandardTraitsAsync(desired.Traits, stop).ConfigureAwait(false));
    }

    private SyncResult Finish(HostWants wants, DesiredTree desired, TreePlan plan, RunReport report, int writes)
    {
        Keep(report.Deleted.Aggregate(plan.After, (ledger, provider) => ledger.Without(provider)));
        var gone = plan.Gone.Concat(report.Deleted.Where(plan.Leaving.ContainsKey).Select(provider => plan.Leaving[provider]));
        return new SyncResult(
            wants, [.. gone], plan.Adopted, desired.Problems, [.. plan.Problems, .. report.Held], plan.HeldBack, Contested: false, writes);
    }

    private void Keep(ProviderLedger ledger)
    {
        if (!ledger.SameAs(_source.Ledger()))
            _source.Keep(ledger);
    }
}
