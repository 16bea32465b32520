using LinqToDB;

namespace Cyborg.Storage;

/// <summary>How old must be what a look shows of handles and deployables, in seconds.</summary>
/// <param name="Untold">How long a failed bind is told to Nova before it is shown.</param>
/// <param name="Forgotten">How long a programming that nobody follows is left alone.</param>
public sealed record HandleAges(double Untold, double Forgotten);

/// <summary>What one look at the database shows a conductor, so that no task of it has to look by itself: its clock, and whether there is work. What is shown
/// may be gone when somebody comes to claim it.</summary>
/// <param name="Leases">The clock and the leases.</param>
/// <param name="Handles">Work that has to do with handles and deployables.</param>
/// <param name="Accelerators">An accelerator is to be made, changed or taken away.</param>
/// <param name="Attachments">A step of an attachment is due.</param>
/// <param name="Notifications">Something is to be told on the bus.</param>
/// <param name="NovaEvents">A message to Nova is due.</param>
/// <param name="ServerChecks">Nova is to be asked for a server.</param>
public sealed record WorkLook(
    LeaseLook Leases, HandleLook Handles, bool Accelerators, bool Attachments, bool Notifications, bool NovaEvents, bool ServerChecks);

/// <summary>Whether there is work that has to do with handles and deployables.</summary>
/// <param name="JobDue">A job of a handle may be claimed.</param>
/// <param name="FailureUnshown">A bind failed long enough ago to be shown as failed.</param>
/// <param name="ProgrammingAbandoned">There may be a programming that nobody wants or follows any more.</param>
public sealed record HandleLook(bool JobDue, bool FailureUnshown, bool ProgrammingAbandoned)
{
    /// <summary>True if there is any.</summary>
    public bool Any => JobDue || FailureUnshown || ProgrammingAbandoned;
}

/// <summary>Looks for work of every kind at once. Each part is an EXISTS over an index that holds nothing but work, or over the hosts.</summary>
public static class WorkStore
{
    /// <summary>Looks for everything. One statement that waits for no writer.</summary>
    public static Task<WorkLook> LookAsync(Session session, TimeSpan leaseTimeout, HandleAges ages, CancellationToken cancellation)
    {
        var (overdue, fences) = (HostStore.Overdue(session, leaseTimeout), HostStore.OwedFences(session));
        var (jobs, failures, programmings) = Handles(session, ages);
        var (accelerators, attachments) = (AcceleratorJobStore.Due(session), AttachmentJobStore.Due(session));
        var (notifications, events, checks) = (AcceleratorEventStore.Due(session), NovaEventStore.Due(session), ServerCheckStore.Due(session));
        return session.SelectAsync(
            () => new WorkLook(
                new LeaseLook(DatabaseClock.Now(), overdue.Any(), fences.Any()),
                new HandleLook(jobs.Any(), failures.Any(), programmings.Any()),
                accelerators.Any(), attachments.Any(), notifications.Any(), events.Any(), checks.Any()),
            cancellation);
    }

    /// <summary>Looks for work that has to do with handles and deployables. One statement that waits for no writer.</summary>
    public static Task<HandleLook> HandlesAsync(Session session, HandleAges ages, CancellationToken cancellation)
    {
        var (jobs, failures, programmings) = Handles(session, ages);
        return session.SelectAsync(() => new HandleLook(jobs.Any(), failures.Any(), programmings.Any()), cancellation);
    }

    private static (IQueryable<Rows.AttachHandleRow> Jobs, IQueryable<Rows.ArqRow> Failures, IQueryable<Rows.DeployableRow> Programmings) Handles(
        Session session, HandleAges ages) =>
        (HandleJobStore.Due(session), ArqStore.UnshownFailures(session, ages.Untold), ProgramStore.Abandoned(session, ages.Forgotten));
}
