using System.Text.Json;
using System.Text.Json.Serialization;
using Cyborg.Model;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.DataProvider.PostgreSQL;

namespace Cyborg.Storage;

/// <summary>Work that a backend has to do for an accelerator, claimed by one conductor.</summary>
public sealed record AcceleratorJob
{
    /// <summary>Work: make it.</summary>
    public const string Create = "create";
    /// <summary>Work: change its spec.</summary>
    public const string Update = "update";
    /// <summary>Work: take it away.</summary>
    public const string Delete = "delete";

    /// <summary>Key of the accelerator.</summary>
    public required int Id { get; init; }
    /// <summary>The accelerator.</summary>
    public required Guid Uuid { get; init; }
    /// <summary>Its name.</summary>
    public required string Name { get; init; }
    /// <summary>What is to be done: one of the three words.</summary>
    public required string Kind { get; init; }
    /// <summary>The host.</summary>
    public required string Hostname { get; init; }
    /// <summary>Entry name of the driver.</summary>
    public required string Driver { get; init; }
    /// <summary>The backend; null for the driver's default.</summary>
    public string? Backend { get; init; }
    /// <summary>What it is to be.</summary>
    public required AccSpecs Specs { get; init; }
    /// <summary>Its device; null if it has none.</summary>
    public DriverControlPath? ControlPath { get; init; }
    /// <summary>How often it was tried, this time included.</summary>
    public required int Attempts { get; init; }
}

/// <summary>What became of an order.</summary>
/// <param name="HasJob">True while its backend has still to do it.</param>
/// <param name="HasDevice">True if its device is there.</param>
public sealed record OrderLook(bool HasJob, bool HasDevice);

/// <summary>Statements on the work of backends. The row is the job; it is claimed with a token for some seconds of the database's clock, and what ends it
/// is conditional on the token.</summary>
public static partial class AcceleratorJobStore
{
    /// <summary>Orders an accelerator, claimed by who orders it. Two statements.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.AcceleratorNameExists"/> or <see cref="FaultCode.AcceleratorUuidExists"/>.</exception>
    public static async Task OrderAsync(Session session, AcceleratorRow row, Guid token, double leaseSeconds)
    {
        if (await session.Devices.AnyAsync(device => device.Uuid == row.Uuid))
            throw UuidExists(row.Uuid, null);
        row.Made = true;
        (row.State, row.Job) = (AcceleratorPhases.Creating, AcceleratorJob.Create);
        try
        {
            await session.InsertIdAsync(row);
        }
        catch (Exception error) when (Violations.IsUniqueViolation(error, Violations.AcceleratorName))
        {
            throw new FaultException(FaultCode.AcceleratorNameExists, $"An accelerator with name {row.Name} already exists.", error);
        }
        catch (Exception error) when (Violations.IsUniqueViolation(error, Violations.AcceleratorUuid))
        {
            throw UuidExists(row.Uuid, error);
        }
        await StartAsync(session, session.Accelerators.Where(other => other.Id == row.Id), token, leaseSeconds);
        session.MarkChanged(RevisionRow.Accelerators);
    }

    /// <summary>Orders a change of a spec, claimed by who orders it; false if the spec is not in this generation any more, or its backend is at work. One
    /// statement.</summary>
    public static Task<bool> OrderUpdateAsync(Session session, Guid uuid, long generation, AccSpecs specs, Guid token, double leaseSeconds)
    {
        var text = JsonSerializer.Serialize(specs, PendingJson.Default.AccSpecs);
        var rows = session.Accelerators.Where(row => row.Uuid == uuid && row.Generation == generation && row.Job == null && row.State == null);
        return BeginAsync(session, rows.Set(row => row.Pending, text).Set(row => row.Job, AcceleratorJob.Update), token, leaseSeconds);
    }

    /// <summary>Orders that an accelerator be taken away, claimed by who orders it; false if its backend is at work. One statement.</summary>
    public static async Task<bool> OrderDeleteAsync(Session session, Guid uuid, Guid token, double leaseSeconds)
    {
        var rows = session.Accelerators.Where(row => row.Uuid == uuid && row.Job == null && (row.State == null || row.State == AcceleratorPhases.Deleting));
        var ordered = await BeginAsync(
            session, rows.Set(row => row.State, AcceleratorPhases.Deleting).Set(row => row.Job, AcceleratorJob.Delete), token, leaseSeconds);
        if (ordered)
            session.MarkChanged(RevisionRow.Accelerators);
        return ordered;
    }

    /// <summary>True if work may be claimed. One statement that waits for no writer.</summary>
    public static Task<bool> AnyDueAsync(Session session) => Due(session).AnyAsync();

    /// <summary>Claims work that is due and that nobody has; oldest first. Three statements, one if there is none.</summary>
    public static async Task<List<AcceleratorJob>> ClaimAsync(Session session, Guid token, int most, double leaseSeconds)
    {
        var due = Due(session).OrderBy(row => row.Id).Select(row => row.Id).Take(most);
        var ids = session.IsPostgres ? await due.AsPostgreSQL().ForUpdateSkipLockedHint().ToListAsync() : await due.ToListAsync();
        if (ids.Count == 0)
            return [];
        await session.Accelerators.Where(row => ids.Contains(row.Id))
            .Set(row => row.JobToken, token)
            .Set(row => row.JobUntil, _ => DatabaseClock.In(leaseSeconds))
            .Set(row => row.JobAttempts, row => row.JobAttempts + 1)
            .UpdateAsync();
        return await JobsAsync(session, token);
    }

    /// <summary>Work that was claimed with a token, oldest first. One statement.</summary>
    public static async Task<List<AcceleratorJob>> JobsAsync(Session session, Guid token)
    {
        var rows = await (from row in session.Accelerators
                          from path in session.ControlPaths.LeftJoin(path => path.DeviceId == row.DeviceId)
                          where row.JobToken == token && row.Job != null
                          orderby row.Id
                          select new { row, path }).ToListAsync();
        return
        [
            .. rows.Select(found => new AcceleratorJob
            {
                Id = found.row.Id,
                Uuid = found.row.Uuid,
                Name = found.row.Name,
                Kind = found.row.Job!,
                Hostname = found.row.Host ?? "",
                Driver = found.row.Driver ?? "",
                Backend = found.row.Backend,
                Specs = found.row.Pending is { } text ? JsonSerializer.Deserialize(text, PendingJson.Default.AccSpecs)! : AcceleratorStore.Specs(found.row),
                ControlPath = found.path is { } path ? new DriverControlPath(path.CpidType, path.CpidInfo) : null,
                Attempts = found.row.JobAttempts,
            }),
        ];
    }

    /// <summary>What became of an order; null if it is gone. One statement.</summary>
    public static Task<OrderLook?> LookAsync(Session session, Guid uuid) =>
        session.Accelerators.Where(row => row.Uuid == uuid).Select(row => new OrderLook(row.Job != null, row.DeviceId != null)).FirstOrDefaultAsync();

    /// <summary>Why the last work for an accelerator failed; null if it did not, or if it is gone. One statement.</summary>
    public static Task<string?> FailureAsync(Session session, Guid uuid) =>
        session.Accelerators.Where(row => row.Uuid == uuid).Select(row => row.JobFailure).FirstOrDefaultAsync();

    /// <summary>The work is done; false if the claim was lost. Two statements at most.</summary>
    public static async Task<bool> CompleteAsync(Session session, AcceleratorJob job, Guid token)
    {
        var mine = Mine(session, job, token);
        if (job.Kind == AcceleratorJob.Update)
        {
            mine = mine.Set(row => row.DeviceType, job.Specs.DeviceType)
                .Set(row => row.AccType, job.Specs.AccType())
                .Set(row => row.AccCapability, job.Specs.Capability)
                .Set(row => row.Num, job.Specs.Num)
                .Set(row => row.Remotable, job.Specs.Remote ? 1 : 0)
                .Set(row => row.Generation, row => row.Generation + 1);
        }
        return await EndAsync(session, mine, failure: null);
    }

    /// <summary>The work failed for good; false if the claim was lost. What it was to change stays as it was; an order that nobody waits for is in error, and
    /// is told so. Two statements at most.</summary>
    public static async Task<bool> FailAsync(Session session, AcceleratorJob job, Guid token, string reason)
    {
        var mine = Mine(session, job, token);
        mine = job.Kind == AcceleratorJob.Create
            ? mine.Set(row => row.State, AcceleratorPhases.Error).Set(row => row.StateReason, reason)
            : mine.Set(row => row.State, (string?)null);
        if (!await EndAsync(session, mine, reason))
            return false;
        if (job.Kind == AcceleratorJob.Create)
            await AcceleratorEventStore.InsertAsync(session, [job.Uuid], AcceleratorEvents.Error, reason);
        return true;
    }

    /// <summary>An order failed while its caller waits: nothing of it is left. False if the claim was lost. One statement.</summary>
    public static async Task<bool> ForgetAsync(Session session, AcceleratorJob job, Guid token)
    {
        var gone = await session.Accelerators.Where(row => row.Id == job.Id && row.JobToken == token && row.DeviceId == null).DeleteAsync() == 1;
        if (gone)
            session.MarkChanged(RevisionRow.Accelerators);
        return gone;
    }

    /// <summary>Deletes an accelerator that could not be made; false if there is none. One statement; two if there is.</summary>
    public static async Task<bool> DeleteFailedAsync(Session session, Guid uuid)
    {
        var failed = session.Accelerators.Where(row => row.Uuid == uuid && row.DeviceId == null && row.Job == null);
        await AcceleratorEventStore.InsertAsync(session, failed, AcceleratorEvents.Deleted, null);
        var gone = await failed.DeleteAsync() == 1;
        if (gone)
            session.MarkChanged(RevisionRow.Accelerators);
        return gone;
    }

    /// <summary>Orders that their backends have made so long ago, and whose devices no report has brought since, are in error; a device that comes later takes
    /// its order all the same. One statement; three if there are any. Returns how many.</summary>
    public static async Task<int> GiveUpAsync(Session session, TimeSpan age)
    {
        var limit = session.Now - age;
        var lost = await session.Accelerators
            .Where(row => row.State == AcceleratorPhases.Creating && row.Job == null && row.DeviceId == null && row.UpdatedAt < limit)
            .Select(row => row.Uuid).ToListAsync();
        if (lost.Count == 0)
            return 0;
        const string reason = "Its backend has made it, but its host does not report it.";
        await session.Accelerators.Where(row => lost.Contains(row.Uuid) && row.DeviceId == null && row.Job == null)
            .Set(row => row.State, AcceleratorPhases.Error).Set(row => row.StateReason, reason).Set(row => row.UpdatedAt, session.Now).UpdateAsync();
        await AcceleratorEventStore.InsertAsync(session, lost, AcceleratorEvents.Error, reason);
        session.MarkChanged(RevisionRow.Accelerators);
        return lost.Count;
    }

    /// <summary>Gives work back, to be tried again after some seconds; false if the claim was lost. One statement.</summary>
    public static async Task<bool> PostponeAsync(Session session, AcceleratorJob job, Guid token, double seconds, string failure) =>
        await session.Accelerators.Where(row => row.Id == job.Id && row.JobToken == token)
            .Set(row => row.JobToken, (Guid?)null)
            .Set(row => row.JobUntil, (DateTimeOffset?)null)
            .Set(row => row.JobAfter, _ => DatabaseClock.In(seconds))
            .Set(row => row.JobFailure, failure)
            .UpdateAsync() == 1;

    private static LinqToDB.Linq.IUpdatable<AcceleratorRow> Mine(Session session, AcceleratorJob job, Guid token) =>
        session.Accelerators.Where(row => row.Id == job.Id && row.JobToken == token && row.Job == job.Kind).Set(row => row.Job, (string?)null);

    private static async Task<bool> EndAsync(Session session, LinqToDB.Linq.IUpdatable<AcceleratorRow> mine, string? failure)
    {
        var ended = await mine
            .Set(row => row.Pending, (string?)null)
            .Set(row => row.JobToken, (Guid?)null)
            .Set(row => row.JobUntil, (DateTimeOffset?)null)
            .Set(row => row.JobAfter, (DateTimeOffset?)null)
            .Set(row => row.JobFailure, failure)
            .Set(row => row.UpdatedAt, session.Now)
            .UpdateAsync() == 1;
        if (ended)
            session.MarkChanged(RevisionRow.Accelerators);
        return ended;
    }

    private static Task<int> StartAsync(Session session, IQueryable<AcceleratorRow> rows, Guid token, double leaseSeconds) =>
        rows.Set(row => row.JobToken, token)
            .Set(row => row.JobBegan, _ => DatabaseClock.Now())
            .Set(row => row.JobUntil, _ => DatabaseClock.In(leaseSeconds))
            .Set(row => row.JobAttempts, 1)
            .UpdateAsync();

    private static async Task<bool> BeginAsync(Session session, LinqToDB.Linq.IUpdatable<AcceleratorRow> rows, Guid token, double leaseSeconds) =>
        await rows.Set(row => row.JobToken, token)
            .Set(row => row.JobBegan, _ => DatabaseClock.Now())
            .Set(row => row.JobUntil, _ => DatabaseClock.In(leaseSeconds))
            .Set(row => row.JobAfter, (DateTimeOffset?)null)
            .Set(row => row.JobAttempts, 1)
            .Set(row => row.JobFailure, (string?)null)
            .Set(row => row.UpdatedAt, session.Now)
            .UpdateAsync() == 1;

    /// <summary>Accelerators with work that may be claimed.</summary>
    internal static IQueryable<AcceleratorRow> Due(Session session) =>
        session.Accelerators.Where(row => row.Job != null
            && (row.JobAfter == null || row.JobAfter <= DatabaseClock.Now())
            && (row.JobUntil == null || row.JobUntil <= DatabaseClock.Now()));

    private static FaultException UuidExists(Guid uuid, Exception? cause) =>
        new(FaultCode.AcceleratorUuidExists, $"An accelerator with uuid {uuid} already exists.", cause);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(AccSpecs))]
    internal sealed partial class PendingJson : JsonSerializerContext;
}
