using Cyborg.Conductor.Telemetry;
using Cyborg.Hosting;
using Cyborg.Storage;

namespace Cyborg.Conductor.Cache;

/// <summary>Something at a moment, with the number that the database had for it then or before.</summary>
/// <typeparam name="T">What it is.</typeparam>
/// <param name="Revision">The number.</param>
/// <param name="Value">It.</param>
internal sealed record Versioned<T>(long Revision, T Value);

/// <summary>A snapshot of one kind of aggregate, loaded once and then asked about by its revision: one single-row statement, however long the list.
/// Who reads sees everything that was committed before the call, whichever conductor wrote it.</summary>
/// <remarks>
/// The revision is read before the rows: a snapshot may be newer than its number, which costs another load, but never older. A transaction raises
/// the number by its last statement under the row's lock, so that numbers are committed in their order.
/// </remarks>
/// <typeparam name="TSnapshot">What is cached; immutable.</typeparam>
internal sealed class RevisionCache<TSnapshot> where TSnapshot : class
{
    private readonly CyborgDatabase _database;
    private readonly string _kind;
    private readonly Func<Session, Task<TSnapshot>> _load;
    private readonly SharedAnswer<Versioned<TSnapshot>> _snapshots;
    private readonly SharedAnswer<long> _revisions;
    private Versioned<TSnapshot>? _cached;

    /// <summary>An empty cache.</summary>
    /// <param name="database">Where from.</param>
    /// <param name="kind">Which row of <c>revisions</c>.</param>
    /// <param name="load">Loads it, in one snapshot of the database.</param>
    public RevisionCache(CyborgDatabase database, string kind, Func<Session, Task<TSnapshot>> load)
    {
        (_database, _kind, _load) = (database, kind, load);
        _snapshots = new SharedAnswer<Versioned<TSnapshot>>(CheckAsync);
        _revisions = new SharedAnswer<long>(RevisionNowAsync);
    }

    /// <summary>The present snapshot.</summary>
    /// <exception cref="Cyborg.Model.FaultException">The database can not be reached.</exception>
    public Task<Versioned<TSnapshot>> ReadAsync(CancellationToken stop) => _snapshots.AskAsync(stop);

    /// <summary>The present revision alone.</summary>
    /// <exception cref="Cyborg.Model.FaultException">The database can not be reached.</exception>
    public Task<long> RevisionAsync(CancellationToken stop) => _revisions.AskAsync(stop);

    private async Task<Versioned<TSnapshot>> CheckAsync()
    {
        var revision = await RevisionNowAsync();
        var held = _cached is { } cached && cached.Revision == revision ? cached : null;
        ConductorMetrics.CacheReads.Add(1, ConductorMetrics.Tag("kind", _kind), ConductorMetrics.Tag("result", held is null ? "miss" : "hit"));
        if (held is not null)
            return held;
        return _cached = new Versioned<TSnapshot>(revision, await _database.ReadSnapshotAsync(_load, CancellationToken.None));
    }

    private Task<long> RevisionNowAsync() => RevisionStore.NowAsync(_database, _kind, CancellationToken.None);
}
