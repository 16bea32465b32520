using Cyborg.Model;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage;

/// <summary>A deployable that a handle may be taken of.</summary>
/// <param name="Id">Its key.</param>
/// <param name="DeviceId">Key of its device.</param>
/// <param name="Name">Its name.</param>
/// <param name="Provider">Its resource provider.</param>
/// <param name="FunctionTrait">Trait of the function that it was programmed with; null if none.</param>
/// <param name="Free">Handles that nobody has.</param>
public sealed record OfferedDeployable(int Id, int DeviceId, string Name, Guid Provider, string? FunctionTrait, int Free)
{
    /// <summary>Its resource class in Placement; null if it has none.</summary>
    public string? ResourceClass { get; init; }
}

/// <summary>Where an attachment is bound.</summary>
/// <param name="Provider">Resource provider of the deployable.</param>
/// <param name="Hostname">Its host.</param>
/// <param name="Phase">A word of <see cref="AcceleratorPhases"/> that the accelerator has; null for none.</param>
public sealed record AttachPlace(Guid Provider, string Hostname, string? Phase);

/// <summary>A handle that an attachment has given back, or has not yet.</summary>
/// <param name="State">Who has it.</param>
/// <param name="Failure">Why its host's work failed last; null if it did not.</param>
public sealed record AttachHandleLook(AttachHandleState State, string? Failure);

/// <summary>Statements on attachments, and on what may be attached.</summary>
public static class AttachmentStore
{
    private sealed record ShownRow(AttachmentRow Row, AttachHandleType? HandleType, string? HandleInfo);

    /// <summary>All attachments, oldest first. One statement.</summary>
    public static async Task<List<Attachment>> AllAsync(Session session) => [.. (await Shown(session, session.Attachments).ToListAsync()).Select(Shown)];

    /// <summary>Those of one accelerator, oldest first. One statement.</summary>
    public static async Task<List<Attachment>> OfAsync(Session session, Guid accelerator) =>
        [.. (await Shown(session, session.Attachments.Where(row => row.AcceleratorUuid == accelerator)).ToListAsync()).Select(Shown)];

    /// <summary>One attachment, or null. One statement.</summary>
    public static async Task<Attachment?> FindAsync(Session session, Guid uuid) =>
        await Shown(session, session.Attachments.Where(row => row.Uuid == uuid)).FirstOrDefaultAsync() is { } row ? Shown(row) : null;

    /// <summary>True if an accelerator has any. One statement.</summary>
    public static Task<bool> AnyAsync(Session session, Guid accelerator) => session.Attachments.AnyAsync(row => row.AcceleratorUuid == accelerator);

    /// <summary>Rows of an accelerator, or of a target, or both; oldest first. One statement.</summary>
    public static Task<List<AttachmentRow>> RowsAsync(Session session, Guid? accelerator, AttachTarget? targetType, string? target)
    {
        IQueryable<AttachmentRow> rows = session.Attachments;
        if (accelerator is { } uuid)
            rows = rows.Where(row => row.AcceleratorUuid == uuid);
        if (targetType is { } type)
            rows = rows.Where(row => row.TargetType == type);
        if (target is not null)
            rows = rows.Where(row => row.Target == target);
        return rows.OrderBy(row => row.Id).ToListAsync();
    }

    /// <summary>The deployables of some devices that are there, those with free handles first. One statement.</summary>
    public static Task<List<OfferedDeployable>> OfferedAsync(Session session, IReadOnlyCollection<int> devices) =>
        (from deployable in session.Deployables
         join device in session.Devices on deployable.DeviceId equals device.Id
         where devices.Contains(deployable.DeviceId) && !deployable.Missing && !device.Missing && deployable.RpUuid != null
         orderby deployable.Id
         select new OfferedDeployable(
             deployable.Id, deployable.DeviceId, deployable.Name, deployable.RpUuid!.Value, deployable.FunctionTrait,
             session.AttachHandles.Count(handle => handle.DeployableId == deployable.Id && handle.State == AttachHandleState.Free && !handle.Missing)))
        .ToListAsync();

    /// <summary>ARQs that have something of a device, or whose host has still to undo it. One statement.</summary>
    public static Task<List<Guid>> HoldersAsync(Session session, int device) =>
        (from handle in session.AttachHandles
         join deployable in session.Deployables on handle.DeployableId equals deployable.Id
         where deployable.DeviceId == device && handle.ArqUuid != null && handle.State != AttachHandleState.Error
         select handle.ArqUuid!.Value).ToListAsync();

    /// <summary>Where an attachment is bound; null if the deployable is gone. One statement.</summary>
    public static Task<AttachPlace?> PlaceAsync(Session session, Guid accelerator, int deployable) =>
        (from row in session.Deployables
         join device in session.Devices on row.DeviceId equals device.Id
         from own in session.Accelerators.LeftJoin(own => own.DeviceId == device.Id)
         where row.Id == deployable && device.Uuid == accelerator && row.RpUuid != null
         select new AttachPlace(row.RpUuid!.Value, device.Hostname, own == null ? null : own.State)).FirstOrDefaultAsync();

    /// <summary>What became of the handle of an ARQ; null if it has none any more. One statement.</summary>
    public static Task<AttachHandleLook?> HandleAsync(Session session, Guid arq) =>
        session.AttachHandles.Where(handle => handle.ArqUuid == arq).Select(handle => new AttachHandleLook(handle.State, handle.JobFailure)).FirstOrDefaultAsync();

    /// <summary>One row, or null. One statement.</summary>
    public static Task<AttachmentRow?> RowAsync(Session session, Guid uuid) => session.Attachments.FirstOrDefaultAsync(row => row.Uuid == uuid);

    /// <summary>True if the agent of a host writes its providers to Placement. One statement.</summary>
    public static Task<bool> IsManagedAsync(Session session, string hostname) => session.Hosts.AnyAsync(row => row.Name == hostname && row.ManagesProviders);

    private static IQueryable<ShownRow> Shown(Session session, IQueryable<AttachmentRow> rows) =>
        from row in rows
        from handle in session.AttachHandles.LeftJoin(handle => handle.ArqUuid == row.ArqUuid && handle.State == AttachHandleState.Held)
        orderby row.Id
        select new ShownRow(row, (AttachHandleType?)handle.AttachType, handle.AttachInfo);

    private static Attachment Shown(ShownRow shown) => new()
    {
        Uuid = shown.Row.Uuid,
        Accelerator = shown.Row.AcceleratorUuid,
        Arq = shown.Row.ArqUuid,
        TargetType = shown.Row.TargetType,
        Target = shown.Row.Target,
        State = shown.Row.State,
        Reason = shown.Row.Reason,
        HandleType = shown.HandleType,
        HandleInfo = shown.HandleInfo,
        ProjectId = shown.Row.ProjectId,
        CreatedAt = shown.Row.CreatedAt,
        UpdatedAt = shown.Row.UpdatedAt,
    };
}
