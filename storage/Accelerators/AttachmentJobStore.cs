using Cyborg.Model;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.DataProvider.PostgreSQL;

namespace Cyborg.Storage;

/// <summary>One step of an attachment, claimed by one conductor.</summary>
/// <param name="Row">The row as it was when it was claimed.</param>
/// <param name="Age">Seconds since the step began.</param>
public sealed record AttachmentJob(AttachmentRow Row, double Age);

/// <summary>How a step is followed.</summary>
/// <param name="State">State of the attachment from now on.</param>
/// <param name="Step">Next step; null if there is none.</param>
/// <param name="Reason">Why, for people; null for nothing to tell.</param>
/// <param name="Fault">What went wrong; null if nothing did.</param>
public sealed record AttachmentMove(AttachmentState State, AttachmentStep? Step, string? Reason, FaultCode? Fault)
{
    /// <summary>Deployable that was claimed; null if that does not change.</summary>
    public int? Deployable { get; init; }
    /// <summary>ARQ from now on, if <see cref="SetsArq"/>.</summary>
    public Guid? Arq { get; init; }
    /// <summary>True if the ARQ changes.</summary>
    public bool SetsArq { get; init; }
    /// <summary>The compute service's id of what it was asked; null if there is none.</summary>
    public string? NovaRequest { get; init; }
}

/// <summary>Statements on attachments as jobs. A step is claimed with a token for some seconds of the database's clock; what follows it is conditional on
/// token and generation, so that a conductor that lost its claim changes nothing.</summary>
public static class AttachmentJobStore
{
    /// <summary>Inserts an attachment, claimed by who asks for it. Two statements.</summary>
    public static async Task InsertAsync(Session session, AttachmentRow row, Guid token, double leaseSeconds)
    {
        await session.InsertIdAsync(row);
        await ClaimAsync(session.Attachments.Where(other => other.Id == row.Id).Set(other => other.JobBegan, _ => DatabaseClock.Now()), token, leaseSeconds);
    }

    /// <summary>True if a step may be claimed. One statement that waits for no writer.</summary>
    public static Task<bool> AnyDueAsync(Session session) => Due(session).AnyAsync();

    /// <summary>Claims steps that are due and that nobody has, oldest first. Three statements, one if there is none.</summary>
    public static async Task<List<Guid>> ClaimAsync(Session session, Guid token, int most, double leaseSeconds)
    {
        var due = Due(session).OrderBy(row => row.Id).Select(row => row.Id).Take(most);
        var ids = session.IsPostgres ? await due.AsPostgreSQL().ForUpdateSkipLockedHint().ToListAsync() : await due.ToListAsync();
        if (ids.Count == 0)
            return [];
        await ClaimAsync(session.Attachments.Where(row => ids.Contains(row.Id)).Set(row => row.JobAfter, (DateTimeOffset?)null), token, leaseSeconds);
        return await session.Attachments.Where(row => ids.Contains(row.Id)).OrderBy(row => row.Id).Select(row => row.Uuid).ToListAsync();
    }

    /// <summary>Makes a claim hold longer, and reads its row; null if the claim was lost, or nothing is to be done any more. Two statements.</summary>
    public static async Task<AttachmentJob?> RenewAsync(Session session, Guid uuid, Guid token, double leaseSeconds)
    {
        var mine = session.Attachments.Where(row => row.Uuid == uuid && row.JobToken == token && row.Step != null);
        if (await mine.Set(row => row.JobUntil, _ => DatabaseClock.In(leaseSeconds)).UpdateAsync() == 0)
            return null;
        var found = await mine.Select(row => new { row, Now = DatabaseClock.Later(row.JobBegan, DatabaseClock.Now()) }).FirstOrDefaultAsync();
        return found is null ? null : new AttachmentJob(found.row, found.row.JobBegan is { } began ? (found.Now - began).TotalSeconds : 0);
    }

    /// <summary>Goes on to the next step; false if the claim was lost. A step that is left keeps the claim. One statement.</summary>
    public static async Task<bool> MoveAsync(Session session, AttachmentJob job, Guid token, AttachmentMove move)
    {
        var (id, generation) = (job.Row.Id, job.Row.Generation);
        var rows = session.Attachments.Where(row => row.Id == id && row.Generation == generation && row.JobToken == token)
            .Set(row => row.State, move.State)
            .Set(row => row.Step, move.Step)
            .Set(row => row.Reason, move.Reason)
            .Set(row => row.Fault, move.Fault?.ToString())
            .Set(row => row.DeployableId, move.Deployable ?? job.Row.DeployableId)
            .Set(row => row.ArqUuid, move.SetsArq ? move.Arq : job.Row.ArqUuid)
            .Set(row => row.NovaRequest, move.NovaRequest)
            .Set(row => row.Generation, row => row.Generation + 1)
            .Set(row => row.JobBegan, _ => DatabaseClock.Now())
            .Set(row => row.JobAttempts, 0)
            .Set(row => row.UpdatedAt, session.Now);
        if (move.Step is null)
            rows = rows.Set(row => row.JobToken, (Guid?)null).Set(row => row.JobUntil, (DateTimeOffset?)null).Set(row => row.JobAfter, (DateTimeOffset?)null);
        return await rows.UpdateAsync() == 1;
    }

    /// <summary>Gives a step back, to be tried again after some seconds; a lost claim changes nothing. One statement.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="job">The step.</param>
    /// <param name="token">The claim.</param>
    /// <param name="seconds">Until the next try.</param>
    /// <param name="problem">Why it is not done yet; null leaves what was told.</param>
    public static Task<int> PostponeAsync(Session session, AttachmentJob job, Guid token, double seconds, string? problem)
    {
        var id = job.Row.Id;
        return session.Attachments.Where(row => row.Id == id && row.JobToken == token)
            .Set(row => row.JobToken, (Guid?)null)
            .Set(row => row.JobUntil, (DateTimeOffset?)null)
            .Set(row => row.JobAfter, _ => DatabaseClock.In(seconds))
            .Set(row => row.Reason, row => problem ?? row.Reason)
            .UpdateAsync();
    }

    /// <summary>Gives a claim up, whatever its step is; a lost claim changes nothing. One statement.</summary>
    public static Task<int> LetGoAsync(Session session, Guid uuid, Guid token) =>
        session.Attachments.Where(row => row.Uuid == uuid && row.JobToken == token)
            .Set(row => row.JobToken, (Guid?)null).Set(row => row.JobUntil, (DateTimeOffset?)null).UpdateAsync();

    /// <summary>Notes why a step was not done this time, and that it was tried; a lost claim changes nothing. One statement.</summary>
    public static Task<int> TellAsync(Session session, AttachmentJob job, Guid token, string problem)
    {
        var id = job.Row.Id;
        return session.Attachments.Where(row => row.Id == id && row.JobToken == token)
            .Set(row => row.Reason, problem).Set(row => row.JobAttempts, row => row.JobAttempts + 1).Set(row => row.UpdatedAt, session.Now).UpdateAsync();
    }

    /// <summary>Notes that a step is about to be tried that cannot be taken back; false if the claim was lost. One statement.</summary>
    public static async Task<bool> TryingAsync(Session session, AttachmentJob job, Guid token)
    {
        var id = job.Row.Id;
        return await session.Attachments.Where(row => row.Id == id && row.JobToken == token)
            .Set(row => row.JobAttempts, row => row.JobAttempts + 1).UpdateAsync() == 1;
    }

    /// <summary>The end: the row goes; false if the claim was lost. One statement.</summary>
    public static async Task<bool> EndAsync(Session session, AttachmentJob job, Guid token)
    {
        var (id, generation) = (job.Row.Id, job.Row.Generation);
        return await session.Attachments.Where(row => row.Id == id && row.Generation == generation && row.JobToken == token).DeleteAsync() == 1;
    }

    /// <summary>Takes up a row again that this transaction itself has moved on with its ARQ. One statement.</summary>
    public static Task<int> ReclaimAsync(Session session, AttachmentJob job, Guid token, double leaseSeconds)
    {
        var id = job.Row.Id;
        return ClaimAsync(session.Attachments.Where(row => row.Id == id && row.JobToken == null).Set(row => row.JobAfter, (DateTimeOffset?)null), token, leaseSeconds);
    }

    /// <summary>Has an attachment given back, claimed by who asks for it; false if it has moved on, or a conductor is at work on it. One statement.</summary>
    public static async Task<bool> DetachAsync(Session session, AttachmentRow row, AttachmentStep from, Guid token, double leaseSeconds)
    {
        var (id, generation) = (row.Id, row.Generation);
        // Who still waits for the attach is to hear what became of it.
        var (reason, fault) = row.State == AttachmentState.Attaching
            ? ("It was detached before it was attached.", nameof(FaultCode.Conflict))
            : ((string?)null, (string?)null);
        return await ClaimAsync(
            session.Attachments.Where(other => other.Id == id && other.Generation == generation
                    && (other.JobUntil == null || other.JobUntil <= DatabaseClock.Now()))
                .Set(other => other.State, AttachmentState.Detaching)
                .Set(other => other.Step, from)
                .Set(other => other.Reason, reason)
                .Set(other => other.Fault, fault)
                .Set(other => other.NovaRequest, (string?)null)
                .Set(other => other.Generation, other => other.Generation + 1)
                .Set(other => other.JobBegan, _ => DatabaseClock.Now())
                .Set(other => other.JobAfter, (DateTimeOffset?)null)
                .Set(other => other.JobAttempts, 0)
                .Set(other => other.UpdatedAt, session.Now),
            token, leaseSeconds) == 1;
    }

    /// <summary>Notes what kind of failure ended the work of a host for an ARQ. One statement.</summary>
    public static Task<int> FaultAsync(Session session, Guid arq, FaultCode fault) =>
        session.Attachments.Where(row => row.ArqUuid == arq).Set(row => row.Fault, fault.ToString()).UpdateAsync();

    /// <summary>ARQs were deleted by who owns them, or by Nova with its server: their attachments end. What is under way for them is void. One statement.</summary>
    internal static Task<int> ArqsGoneAsync(Session session, IReadOnlyCollection<Guid> arqs) =>
        GoneAsync(session, arqs, AttachmentStep.Drain, "Its accelerator request was deleted.", rows => rows.Set(row => row.ArqUuid, (Guid?)null));

    /// <summary>As <see cref="ArqsGoneAsync"/>, of ARQs that were unbound. One statement.</summary>
    internal static Task<int> ArqsUnboundAsync(Session session, IReadOnlyCollection<Guid> arqs) =>
        GoneAsync(session, arqs, AttachmentStep.Release, "Its accelerator request was unbound.", rows => rows);

    private static Task<int> GoneAsync(
        Session session, IReadOnlyCollection<Guid> arqs, AttachmentStep step, string reason,
        Func<LinqToDB.Linq.IUpdatable<AttachmentRow>, LinqToDB.Linq.IUpdatable<AttachmentRow>> more)
    {
        var rows = session.Attachments.Where(row => arqs.Contains(row.ArqUuid!.Value))
            // What is being rolled back keeps its reason: somebody waits to hear it.
            .Set(row => row.Reason, row => row.Fault == null ? reason : row.Reason)
            .Set(row => row.State, AttachmentState.Detaching)
            .Set(row => row.Step, step)
            .Set(row => row.NovaRequest, (string?)null)
            .Set(row => row.Generation, row => row.Generation + 1)
            .Set(row => row.JobBegan, _ => DatabaseClock.Now())
            .Set(row => row.JobToken, (Guid?)null)
            .Set(row => row.JobUntil, (DateTimeOffset?)null)
            .Set(row => row.JobAfter, (DateTimeOffset?)null)
            .Set(row => row.JobAttempts, 0)
            .Set(row => row.UpdatedAt, session.Now);
        return more(rows).UpdateAsync();
    }

    /// <summary>Attachments with a step that may be claimed.</summary>
    internal static IQueryable<AttachmentRow> Due(Session session) =>
        session.Attachments.Where(row => row.Step != null
            && (row.JobAfter == null || row.JobAfter <= DatabaseClock.Now())
            && (row.JobUntil == null || row.JobUntil <= DatabaseClock.Now()));

    private static Task<int> ClaimAsync(LinqToDB.Linq.IUpdatable<AttachmentRow> rows, Guid token, double leaseSeconds) =>
        rows.Set(row => row.JobToken, token).Set(row => row.JobUntil, _ => DatabaseClock.In(leaseSeconds)).UpdateAsync();
}
