using Cyborg.Model;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.DataProvider.PostgreSQL;

namespace Cyborg.Storage;

/// <summary>What a change of an ARQ must know of it; its row is locked until the transaction ends.</summary>
/// <param name="Uuid">Public identity.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="InstanceUuid">Instance it is bound to.</param>
/// <param name="DeviceProfileId">Key of its device profile; null if it has none.</param>
/// <param name="DeviceProfileGroupId">Index of the profile's group.</param>
/// <param name="Generation">Rises with each bind and each unbind.</param>
public sealed record LockedArq(Guid Uuid, ArqState State, Guid? InstanceUuid, int? DeviceProfileId, int DeviceProfileGroupId, long Generation);

/// <summary>How one ARQ is bound.</summary>
/// <param name="Binding">What Nova said.</param>
/// <param name="HostWork">True if the host has work to do first.</param>
/// <param name="ToHost">True if it is bound to its host, and to no instance.</param>
public sealed record ArqStart(ArqBinding Binding, bool HostWork, bool ToHost = false);

/// <summary>How far a bind is.</summary>
/// <param name="State">The ARQ's state.</param>
/// <param name="Failure">Why it failed; null if it did not.</param>
public sealed record ArqLook(ArqState State, string? Failure);

/// <summary>Statements on ARQs. Changes are conditional on the state that the life cycle allows and return the number of rows.</summary>
public static class ArqStore
{
    /// <summary>Inserts ARQs of one profile; false if the profile is gone.</summary>
    public static async Task<bool> InsertAsync(Session session, IReadOnlyCollection<AcceleratorRequest> arqs, int profileId)
    {
        try
        {
            await session.InsertAllAsync(
                [.. arqs.Select(arq => new ArqRow
                {
                    Uuid = arq.Uuid,
                    ProjectId = arq.ProjectId,
                    State = arq.State,
                    DeviceProfileId = profileId,
                    DeviceProfileGroupId = arq.DeviceProfileGroupId,
                    CreatedAt = arq.CreatedAt,
                })]);
            return true;
        }
        catch (Exception error) when (Violations.IsForeignKeyViolation(error))
        {
            return false;
        }
    }

    /// <summary>Inserts the ARQ of an attachment of API v1, in a transaction that binds it, and so is locked. One statement.</summary>
    public static async Task<LockedArq> InsertOwnAsync(Session session, Guid uuid, int? profileId, string? project)
    {
        var row = new ArqRow { Uuid = uuid, ProjectId = project, State = ArqState.Initial, DeviceProfileId = profileId };
        await session.InsertIdAsync(row);
        return new LockedArq(uuid, row.State, null, profileId, row.DeviceProfileGroupId, row.Generation);
    }

    /// <summary>How far the bind of an ARQ is: its state, and why it failed; null if it is gone. One statement.</summary>
    public static Task<ArqLook?> LookAsync(Session session, Guid uuid) =>
        session.Arqs.Where(arq => arq.Uuid == uuid).Select(arq => new ArqLook(arq.State, arq.Failure)).FirstOrDefaultAsync();

    /// <summary>ARQs of a scope and, if given, of an instance; oldest first. One statement.</summary>
    public static async Task<List<AcceleratorRequest>> ListAsync(Session session, ProjectScope scope, Guid? instance)
    {
        var arqs = Visible(session, scope);
        if (instance is { } uuid)
            arqs = arqs.Where(arq => arq.InstanceUuid == uuid);
        return [.. (await Shown(session, arqs).ToListAsync()).Select(Shown)];
    }

    /// <summary>One ARQ of a scope, or null. One statement.</summary>
    public static async Task<AcceleratorRequest?> FindAsync(Session session, ProjectScope scope, Guid uuid) =>
        await Shown(session, Visible(session, scope).Where(arq => arq.Uuid == uuid)).FirstOrDefaultAsync() is { } row ? Shown(row) : null;

    /// <summary>Locks ARQs of a scope by uuid, in the order of their uuids; those that are not there are left out.</summary>
    public static Task<List<LockedArq>> LockAsync(Session session, ProjectScope scope, IReadOnlyCollection<Guid> uuids) =>
        LockAsync(session, Visible(session, scope).Where(arq => uuids.Contains(arq.Uuid)));

    /// <summary>Locks the ARQs of an instance, in the order of their uuids.</summary>
    public static Task<List<LockedArq>> LockInstanceAsync(Session session, ProjectScope scope, Guid instance) =>
        LockAsync(session, Visible(session, scope).Where(arq => arq.InstanceUuid == instance));

    /// <summary>An instance that has an ARQ, whosever, other than <paramref name="except"/>; null if none has.</summary>
    public static Task<Guid?> FindInstanceWithOthersAsync(Session session, IReadOnlyCollection<Guid> instances, IReadOnlyCollection<Guid> except) =>
        session.Arqs
            .Where(arq => instances.Contains(arq.InstanceUuid!.Value) && !except.Contains(arq.Uuid))
            .Select(arq => arq.InstanceUuid)
            .FirstOrDefaultAsync();

    /// <summary>Makes ARQs <see cref="ArqState.Bound"/>, passing through <see cref="ArqState.BindStarted"/> within the transaction, or leaves them
    /// there if the host has work to do. A binding without a project gives the ARQ to <paramref name="callersProject"/> or, if there is none,
    /// leaves its owner. Nova may be asked for the instance after <paramref name="checkAfterSeconds"/>.</summary>
    public static Task<int> BindAsync(Session session, IReadOnlyCollection<ArqStart> starts, string? callersProject, double checkAfterSeconds = 60)
    {
        var startable = ArqStates.AllowedFrom[ArqState.BindStarted].ToArray();
        var values = starts.Select(start => new
        {
            start.Binding.ArqUuid,
            start.Binding.Hostname,
            start.Binding.DeviceRpUuid,
            InstanceUuid = start.ToHost ? (Guid?)null : start.Binding.InstanceUuid,
            start.Binding.ProjectId,
            start.HostWork,
        });
        return (from arq in session.Arqs
                join start in values.AsQueryable(session) on arq.Uuid equals start.ArqUuid
                where startable.Contains(arq.State)
                select new { arq, start })
            .UpdateAsync(
                pair => pair.arq,
                pair => new ArqRow
                {
                    State = pair.start.HostWork ? ArqState.BindStarted : ArqState.Bound,
                    Hostname = pair.start.Hostname,
                    DeviceRpUuid = pair.start.DeviceRpUuid,
                    InstanceUuid = pair.start.InstanceUuid,
                    ProjectId = pair.start.ProjectId ?? callersProject ?? pair.arq.ProjectId,
                    Generation = pair.arq.Generation + 1,
                    CheckAfter = DatabaseClock.In(checkAfterSeconds),
                    UpdatedAt = session.Now,
                });
    }

    /// <summary>Locks one ARQ whose bind is under way and is of this generation; false if it has moved on.</summary>
    public static async Task<bool> LockStartedAsync(Session session, Guid uuid, long generation)
    {
        var started = session.Arqs
            .Where(arq => arq.Uuid == uuid && arq.State == ArqState.BindStarted && arq.Generation == generation && arq.FailedAt == null)
            .Select(arq => arq.Id);
        return (session.IsPostgres ? await started.AsPostgreSQL().ForUpdateHint().ToListAsync() : await started.ToListAsync()).Count == 1;
    }

    /// <summary>Makes an ARQ that was just locked <see cref="ArqState.Bound"/>.</summary>
    public static Task<int> CompleteAsync(Session session, Guid uuid) =>
        session.Arqs.Where(arq => arq.Uuid == uuid && arq.State == ArqState.BindStarted)
            .Set(arq => arq.State, ArqState.Bound)
            .Set(arq => arq.UpdatedAt, session.Now)
            .UpdateAsync();

    /// <summary>Notes why the bind of an ARQ failed. Its state stays until Nova has had the time to hear of it: Nova takes an early
    /// <see cref="ArqState.BindFailed"/> for a success.</summary>
    public static Task<int> FailAsync(Session session, Guid uuid, string failure) =>
        session.Arqs.Where(arq => arq.Uuid == uuid && arq.State == ArqState.BindStarted)
            .Set(arq => arq.Failure, failure)
            .Set(arq => arq.FailedAt, _ => DatabaseClock.Now())
            .Set(arq => arq.UpdatedAt, session.Now)
            .UpdateAsync();

    /// <summary>ARQs whose bind failed so many seconds ago, and is not shown as failed yet.</summary>
    internal static IQueryable<ArqRow> UnshownFailures(Session session, double olderThanSeconds) =>
        session.Arqs.Where(arq => arq.State == ArqState.BindStarted && arq.FailedAt <= DatabaseClock.In(-olderThanSeconds));

    /// <summary>Shows binds as failed that failed so many seconds ago; returns their uuids.</summary>
    public static async Task<IReadOnlyList<Guid>> ShowFailedAsync(Session session, double olderThanSeconds)
    {
        var due = UnshownFailures(session, olderThanSeconds)
            .OrderBy(arq => arq.Uuid).Select(arq => arq.Uuid).Take(256);
        var uuids = session.IsPostgres ? await due.AsPostgreSQL().ForUpdateSkipLockedHint().ToListAsync() : await due.ToListAsync();
        if (uuids.Count > 0)
        {
            await session.Arqs.Where(arq => uuids.Contains(arq.Uuid) && arq.State == ArqState.BindStarted)
                .Set(arq => arq.State, ArqState.BindFailed).Set(arq => arq.UpdatedAt, session.Now).UpdateAsync();
        }
        return uuids;
    }

    /// <summary>Makes ARQs <see cref="ArqState.Unbound"/> and forgets where they were bound. An attachment of API v1 ends with that.</summary>
    public static async Task<int> UnbindAsync(Session session, IReadOnlyCollection<Guid> uuids)
    {
        var unbound = await In(session, uuids, ArqState.Unbound)
            .Set(arq => arq.State, ArqState.Unbound)
            .Set(arq => arq.Hostname, (string?)null)
            .Set(arq => arq.DeviceRpUuid, (Guid?)null)
            .Set(arq => arq.InstanceUuid, (Guid?)null)
            .Set(arq => arq.Generation, arq => arq.Generation + 1)
            .Set(arq => arq.Failure, (string?)null)
            .Set(arq => arq.FailedAt, (DateTimeOffset?)null)
            .Set(arq => arq.CheckAfter, (DateTimeOffset?)null)
            .Set(arq => arq.CheckToken, (Guid?)null)
            .Set(arq => arq.CheckUntil, (DateTimeOffset?)null)
            .Set(arq => arq.Checks, 0)
            .Set(arq => arq.Suspect, false)
            .Set(arq => arq.UpdatedAt, session.Now)
            .UpdateAsync();
        await AttachmentJobStore.ArqsUnboundAsync(session, uuids);
        return unbound;
    }

    /// <summary>Deletes ARQs. An attachment of API v1 ends with that.</summary>
    public static async Task<int> DeleteAsync(Session session, IReadOnlyCollection<Guid> uuids)
    {
        var deleted = await In(session, uuids, ArqState.Deleting).DeleteAsync();
        await AttachmentJobStore.ArqsGoneAsync(session, uuids);
        return deleted;
    }

    private static IQueryable<ArqRow> In(Session session, IReadOnlyCollection<Guid> uuids, ArqState target)
    {
        var allowed = ArqStates.AllowedFrom[target].ToArray();
        return session.Arqs.Where(arq => uuids.Contains(arq.Uuid) && allowed.Contains(arq.State));
    }

    private static IQueryable<ArqRow> Visible(Session session, ProjectScope scope)
    {
        if (scope.AllProjects)
            return session.Arqs;
        // A caller without a project owns nothing; ARQs without an owner are nobody's.
        return scope.ProjectId is { } project ? session.Arqs.Where(arq => arq.ProjectId == project) : session.Arqs.Where(_ => false);
    }

    private static Task<List<LockedArq>> LockAsync(Session session, IQueryable<ArqRow> arqs)
    {
        var locked = arqs.OrderBy(arq => arq.Uuid)
            .Select(arq => new LockedArq(arq.Uuid, arq.State, arq.InstanceUuid, arq.DeviceProfileId, arq.DeviceProfileGroupId, arq.Generation));
        return session.IsPostgres ? locked.AsPostgreSQL().ForUpdateHint().ToListAsync() : locked.ToListAsync();
    }

    private sealed record ShownRow(ArqRow Arq, string? ProfileName, Guid? HandleUuid, AttachHandleType? HandleType, string? HandleInfo);

    private static IQueryable<ShownRow> Shown(Session session, IQueryable<ArqRow> arqs) =>
        from arq in arqs
        from profile in session.DeviceProfiles.LeftJoin(profile => profile.Id == arq.DeviceProfileId)
        from handle in session.AttachHandles.LeftJoin(handle => handle.ArqUuid == arq.Uuid && handle.State == AttachHandleState.Held)
        orderby arq.Id
        select new ShownRow(arq, profile.Name, (Guid?)handle.Uuid, (AttachHandleType?)handle.AttachType, handle.AttachInfo);

    private static AcceleratorRequest Shown(ShownRow row) => new()
    {
        Uuid = row.Arq.Uuid,
        State = row.Arq.State,
        DeviceProfileName = row.ProfileName,
        DeviceProfileGroupId = row.Arq.DeviceProfileGroupId,
        Hostname = row.Arq.Hostname,
        DeviceRpUuid = row.Arq.DeviceRpUuid,
        InstanceUuid = row.Arq.InstanceUuid,
        ProjectId = row.Arq.ProjectId,
        AttachHandleUuid = row.HandleUuid,
        AttachHandleType = row.HandleType,
        AttachHandleInfo = row.HandleInfo,
        CreatedAt = row.Arq.CreatedAt,
        UpdatedAt = row.Arq.UpdatedAt,
    };
}
