using Cyborg.Storage;

namespace Cyborg.Conductor.Cache;

/// <summary>A snapshot of one kind of aggregate, loaded once and then asked about by its revision: one single-row statement, however long the list.
/// Who reads sees everything that was committed before the call, whichever conductor wrote it.</summary>
/// <remarks>
/// The revision is read before the rows: a snapshot may be newer than its number, which costs another load, but never older. A transaction raises
/// the number by its last statement under the row's lock, so that numbers are committed in their order.
/// </remarks>
/// <typeparam name="TSnapshot">What is cached; immutable.</typeparam>
/// <param name="database">Where from.</param>
/// <param name="kind">Which row of <c>revisions</c>.</param>
/// <param name="load">Loads it, in one snapshot of the database.</param>
internal sealed class RevisionCache<TSnapshot>(CyborgDatabase database, string kind, Func<Session, Task<TSnapshot>> load) where TSnapshot : class
{
    private readonly Lock turn = new();
    private Task running = Task.CompletedTask;
    private Task<TSnapshot>? next;
    private (long Revision, TSnapshot Snapshot)? cached;

    /// <summary>The present snapshot.</summary>
    /// <exception cref="Cyborg.Model.FaultException">The database can not be reached.</exception>
    public Task<TSnapshot> ReadAsync(CancellationToken stop)
    {
        lock (turn)
        {
            // A check that has begun may have missed what the caller knows of; one that has not is shared by all who wait.
            next ??= CheckAsync(running);
            return next.WaitAsync(stop);
        }
    }

    private async Task<TSnapshot> CheckAsync(Task before)
    {
        // Lets go of the caller's lock, also if the check before has ended already.
        await Task.Yield();
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (turn)
        {
            running = next!;
            next = null;
        }
        var revision = await database.ReadAsync(session => RevisionStore.ReadAsync(session, kind), CancellationToken.None);
        if (cached is { } held && held.Revision == revision)
            return held.Snapshot;
        var snapshot = await database.ReadSnapshotAsync(load, CancellationToken.None);
        cached = (revision, snapshot);
        return snapshot;
    }
}
