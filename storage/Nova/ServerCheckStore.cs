using System.Linq.Expressions;
using Cyborg.Model;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.DataProvider.PostgreSQL;

namespace Cyborg.Storage;

/// <summary>A server that Nova is to be asked for, claimed by one conductor.</summary>
/// <param name="Instance">The server.</param>
/// <param name="Arqs">Its ARQs with their generations, as they were when it was claimed.</param>
/// <param name="Looks">How often it was looked at since they were bound.</param>
/// <param name="Suspect">True if the last look found that it can not use them.</param>
public sealed record ServerCheck(Guid Instance, IReadOnlyDictionary<Guid, long> Arqs, int Looks, bool Suspect);

/// <summary>Statements about when Nova is asked for the servers of ARQs. The state is part of the ARQs' rows, so that it goes with them and begins anew
/// with each bind. ARQs without a device profile are not Nova's, and are left out.</summary>
public static class ServerCheckStore
{
    // Any number serves: claims of all conductors take turns on it.
    private static readonly Guid ClaimTurn = new("1f6b1f0c-5e5c-4b43-8f0c-6a3f3a1c7d02");

    /// <summary>True if a look is due. One statement that waits for no writer.</summary>
    public static Task<bool> AnyDueAsync(Session session) => Due(session).AnyAsync();

    /// <summary>Claims servers whose look is due, the longest due first, with all their ARQs.</summary>
    public static async Task<List<ServerCheck>> ClaimAsync(Session session, Guid token, int most, double leaseSeconds)
    {
        await session.LockInstancesAsync([ClaimTurn]);
        var instances = await Due(session)
            .GroupBy(arq => arq.InstanceUuid!.Value)
            .OrderBy(group => group.Min(arq => arq.CheckAfter)).ThenBy(group => group.Key)
            .Select(group => group.Key).Take(most).ToListAsync();
        if (instances.Count == 0)
            return [];
        // One that is being changed is left for the next look.
        var unclaimed = OfServers(session).Where(IsUnclaimed).Where(arq => instances.Contains(arq.InstanceUuid!.Value))
            .OrderBy(arq => arq.Uuid)
            .Select(arq => new { arq.Id, arq.Uuid, Instance = arq.InstanceUuid!.Value, arq.Generation, arq.Checks, arq.Suspect });
        var rows = session.IsPostgres ? await unclaimed.AsPostgreSQL().ForUpdateSkipLockedHint().ToListAsync() : await unclaimed.ToListAsync();
        List<int> ids = [.. rows.Select(row => row.Id)];
        if (ids.Count > 0)
        {
            await session.Arqs.Where(arq => ids.Contains(arq.Id))
                .Set(arq => arq.CheckToken, token).Set(arq => arq.CheckUntil, _ => DatabaseClock.In(leaseSeconds)).UpdateAsync();
        }
        return [.. rows.GroupBy(row => row.Instance).Select(group => new ServerCheck(
            group.Key, group.ToDictionary(row => row.Uuid, row => row.Generation), group.Max(row => row.Checks), group.All(row => row.Suspect)))];
    }

    /// <summary>Gives a server back, to be looked at again after some seconds; a lost claim changes nothing.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="check">The server.</param>
    /// <param name="token">The claim.</param>
    /// <param name="seconds">Until the next look.</param>
    /// <param name="looked">True if the look told something: it counts.</param>
    /// <param name="suspect">True if the server can not use its ARQs.</param>
    public static Task<int> PostponeAsync(Session session, ServerCheck check, Guid token, double seconds, bool looked, bool suspect) =>
        session.Arqs.Where(arq => arq.InstanceUuid == check.Instance && arq.CheckToken == token)
            .Set(arq => arq.Checks, check.Looks + (looked ? 1 : 0))
            .Set(arq => arq.Suspect, suspect)
            .Set(arq => arq.CheckAfter, _ => DatabaseClock.In(seconds))
            .Set(arq => arq.CheckToken, (Guid?)null)
            .Set(arq => arq.CheckUntil, (DateTimeOffset?)null)
            .UpdateAsync();

    /// <summary>Locks the ARQs of a claimed server, in the order of their uuids, if they are those that were claimed, of the same generation, and the claim
    /// stands; nothing if any has moved on, has come or has gone meanwhile.</summary>
    public static async Task<IReadOnlyList<Guid>> LockClaimedAsync(Session session, ServerCheck check, Guid token)
    {
        var arqs = OfServers(session).Where(arq => arq.InstanceUuid == check.Instance).OrderBy(arq => arq.Uuid)
            .Select(arq => new { arq.Uuid, arq.Generation, arq.State, arq.CheckToken });
        var locked = session.IsPostgres ? await arqs.AsPostgreSQL().ForUpdateHint().ToListAsync() : await arqs.ToListAsync();
        var same = locked.Count == check.Arqs.Count && locked.TrueForAll(arq =>
            check.Arqs.TryGetValue(arq.Uuid, out var generation) && arq.Generation == generation && arq.CheckToken == token
            && ArqStates.Allows(arq.State, ArqState.Deleting));
        return same ? [.. locked.Select(arq => arq.Uuid)] : [];
    }

    private static Expression<Func<ArqRow, bool>> IsUnclaimed => arq => arq.CheckUntil == null || arq.CheckUntil <= DatabaseClock.Now();

    /// <summary>ARQs whose server is to be looked at.</summary>
    internal static IQueryable<ArqRow> Due(Session session) =>
        OfServers(session).Where(IsUnclaimed).Where(arq => arq.CheckAfter <= DatabaseClock.Now());

    private static IQueryable<ArqRow> OfServers(Session session) =>
        session.Arqs.Where(arq => arq.InstanceUuid != null && session.DeviceProfiles.Any(profile => profile.Id == arq.DeviceProfileId));
}
