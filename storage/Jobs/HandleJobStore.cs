using Cyborg.Model;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.DataProvider.PostgreSQL;

namespace Cyborg.Storage;

/// <summary>Work that a host has to do for an attach handle, claimed by one conductor.</summary>
public sealed record HandleJob
{
    /// <summary>Key of the handle.</summary>
    public required int Id { get; init; }
    /// <summary>The handle.</summary>
    public required Guid HandleUuid { get; init; }
    /// <summary>The ARQ that holds it, or held it.</summary>
    public required Guid ArqUuid { get; init; }
    /// <summary>Generation of the handle; a change of the handle makes the job void.</summary>
    public required long Generation { get; init; }
    /// <summary>Generation of the ARQ; null if it is gone.</summary>
    public long? ArqGeneration { get; init; }
    /// <summary>True to attach, false to undo it.</summary>
    public required bool Attach { get; init; }
    /// <summary>How often it was tried, this time included.</summary>
    public required int Attempts { get; init; }
    /// <summary>True once it is older than the time that it may take.</summary>
    public required bool Overdue { get; init; }
    /// <summary>The host.</summary>
    public required string Hostname { get; init; }
    /// <summary>The agent's start that is known; null if its host never reported.</summary>
    public Guid? BootId { get; init; }
    /// <summary>Entry name of the driver.</summary>
    public required string Driver { get; init; }
    /// <summary>Key of the deployable.</summary>
    public required int DeployableId { get; init; }
    /// <summary>The deployable.</summary>
    public required Guid DeployableUuid { get; init; }
    /// <summary>Name of the deployable.</summary>
    public required string DeployableName { get; init; }
    /// <summary>Image that the deployable must run first, if the holder named one.</summary>
    public Guid? WantsImage { get; init; }
    /// <summary>Function that the deployable must run first, if the holder named one.</summary>
    public string? WantsFunction { get; init; }
    /// <summary>How the host reaches the device.</summary>
    public required DriverControlPath ControlPath { get; init; }
    /// <summary>What to attach or detach.</summary>
    public required DriverAttachHandle Handle { get; init; }

    /// <summary>True if it is attached to the host itself, and not for a guest.</summary>
    public bool ToHost { get; init; }

    /// <summary>What the deployable must run before the handle is attached; null for whatever it runs.</summary>
    public ImageWish? Wish => Attach ? ProgramStore.Wish(WantsImage, WantsFunction) : null;
}

/// <summary>When work on a host is overdue, in seconds since it was given.</summary>
/// <param name="Plain">Work without programming.</param>
/// <param name="Programming">Work for which a deployable is to run an image.</param>
public readonly record struct OverdueAfter(double Plain, double Programming);

/// <summary>Statements on jobs. A job is claimed with a token for some seconds of the database's clock; what ends it is conditional on the handle's
/// generation and on the token, so that a conductor that lost its claim changes nothing.</summary>
public static class HandleJobStore
{
    /// <summary>Claims jobs that are due and that nobody has; oldest first. Two statements, three if there are any.</summary>
    /// <param name="session">A transaction.</param>
    /// <param name="token">The claim.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="leaseSeconds">The claim holds so long unless it is renewed.</param>
    /// <param name="overdue">When a job is overdue.</param>
    public static async Task<List<HandleJob>> ClaimAsync(Session session, Guid token, int most, double leaseSeconds, OverdueAfter overdue)
    {
        var due = Due(session).OrderBy(handle => handle.Id).Select(handle => handle.Id).Take(most);
        var ids = session.IsPostgres ? await due.AsPostgreSQL().ForUpdateSkipLockedHint().ToListAsync() : await due.ToListAsync();
        if (ids.Count == 0)
            return [];
        await session.AttachHandles.Where(handle => ids.Contains(handle.Id))
            .Set(handle => handle.JobToken, token)
            .Set(handle => handle.JobUntil, _ => DatabaseClock.In(leaseSeconds))
            .Set(handle => handle.JobAttempts, handle => handle.JobAttempts + 1)
            .UpdateAsync();
        return await Claimed(session, ids, overdue.Plain, overdue.Programming).ToListAsync();
    }

    /// <summary>Makes claims hold longer. One statement.</summary>
    public static Task<int> RenewAsync(Session session, IReadOnlyCollection<Guid> tokens, double leaseSeconds) =>
        session.AttachHandles.Where(handle => tokens.Contains(handle.JobToken!.Value))
            .Set(handle => handle.JobUntil, _ => DatabaseClock.In(leaseSeconds))
            .UpdateAsync();

    /// <summary>An attach job is done or has failed for good; false if the claim was lost.</summary>
    public static async Task<bool> EndAttachAsync(Session session, HandleJob job, Guid token, string? failure) =>
        await Mine(session, job, token)
            .Set(handle => handle.Job, (string?)null)
            .Set(handle => handle.JobToken, (Guid?)null)
            .Set(handle => handle.JobUntil, (DateTimeOffset?)null)
            .Set(handle => handle.JobFailure, failure)
            .Set(handle => handle.UpdatedAt, session.Now)
            .UpdateAsync() == 1;

    /// <summary>A release job is done: the handle is free. False if the claim was lost.</summary>
    public static async Task<bool> EndReleaseAsync(Session session, HandleJob job, Guid token)
    {
        var ended = await Mine(session, job, token)
            .Set(handle => handle.State, AttachHandleState.Free)
            .Set(handle => handle.ArqUuid, (Guid?)null)
            .Set(handle => handle.ToHost, false)
            .Set(handle => handle.Generation, handle => handle.Generation + 1)
            .Set(handle => handle.Job, (string?)null)
            .Set(handle => handle.JobToken, (Guid?)null)
            .Set(handle => handle.JobUntil, (DateTimeOffset?)null)
            .Set(handle => handle.JobAfter, (DateTimeOffset?)null)
            .Set(handle => handle.JobAttempts, 0)
            .Set(handle => handle.JobFailure, (string?)null)
            .Set(handle => handle.UpdatedAt, session.Now)
            .UpdateAsync() == 1;
        if (ended)
            session.ProvidersChanged(job.Hostname);
        return ended;
    }

    /// <summary>The host could not undo its work, time and again: the handle is in error until an operator has looked. False if the claim was lost.</summary>
    public static async Task<bool> GiveUpReleaseAsync(Session session, HandleJob job, Guid token, string failure) =>
        await Mine(session, job, token)
            .Set(handle => handle.State, AttachHandleState.Error)
            .Set(handle => handle.Generation, handle => handle.Generation + 1)
            .Set(handle => handle.Job, (string?)null)
            .Set(handle => handle.JobToken, (Guid?)null)
            .Set(handle => handle.JobUntil, (DateTimeOffset?)null)
            .Set(handle => handle.JobFailure, failure)
            .Set(handle => handle.UpdatedAt, session.Now)
            .UpdateAsync() == 1;

    /// <summary>Gives a job back, to be tried again after some seconds; false if the claim was lost.</summary>
    public static async Task<bool> PostponeAsync(Session session, HandleJob job, Guid token, double seconds, string failure) =>
        await Mine(session, job, token)
            .Set(handle => handle.JobToken, (Guid?)null)
            .Set(handle => handle.JobUntil, (DateTimeOffset?)null)
            .Set(handle => handle.JobAfter, _ => DatabaseClock.In(seconds))
            .Set(handle => handle.JobFailure, failure)
            .UpdateAsync() == 1;

    /// <summary>Handles whose job may be claimed.</summary>
    internal static IQueryable<AttachHandleRow> Due(Session session) =>
        session.AttachHandles.Where(handle => handle.Job != null
            && (handle.JobAfter == null || handle.JobAfter <= DatabaseClock.Now())
            && (handle.JobUntil == null || handle.JobUntil <= DatabaseClock.Now()));

    private static IQueryable<AttachHandleRow> Mine(Session session, HandleJob job, Guid token) =>
        session.AttachHandles.Where(handle => handle.Id == job.Id && handle.Generation == job.Generation && handle.JobToken == token);

    private static IQueryable<HandleJob> Claimed(Session session, IReadOnlyCollection<int> ids, double plain, double programming) =>
        from handle in session.AttachHandles
        join deployable in session.Deployables on handle.DeployableId equals deployable.Id
        join device in session.Devices on deployable.DeviceId equals device.Id
        join path in session.ControlPaths on handle.CpidId equals path.Id
        from host in session.Hosts.LeftJoin(host => host.Name == device.Hostname)
        from arq in session.Arqs.LeftJoin(arq => arq.Uuid == handle.ArqUuid)
        where ids.Contains(handle.Id)
        orderby handle.Id
        select new HandleJob
        {
            Id = handle.Id,
            HandleUuid = handle.Uuid,
            ArqUuid = handle.ArqUuid!.Value,
            Generation = handle.Generation,
            ArqGeneration = arq == null ? null : arq.Generation,
            Attach = handle.Job == AttachHandleRow.AttachJob,
            Attempts = handle.JobAttempts,
            Overdue = handle.WantsImage == null && handle.WantsFunction == null
                ? handle.JobBegan <= DatabaseClock.In(-plain)
                : handle.JobBegan <= DatabaseClock.In(-programming),
            Hostname = device.Hostname,
            BootId = host == null ? null : host.BootId,
            Driver = device.Driver,
            DeployableId = deployable.Id,
            DeployableUuid = deployable.Uuid,
            DeployableName = deployable.Name,
            WantsImage = handle.WantsImage,
            WantsFunction = handle.WantsFunction,
            ToHost = handle.ToHost,
            ControlPath = new DriverControlPath(path.CpidType, path.CpidInfo),
            Handle = new DriverAttachHandle(handle.AttachType, handle.AttachInfo, handle.HostWork),
        };
}
