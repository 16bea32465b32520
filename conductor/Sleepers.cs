using Cyborg.Conductor.Accelerators;
using Cyborg.Conductor.Attachments;
using Cyborg.Conductor.Jobs;
using Cyborg.Conductor.Nova;
using Cyborg.Storage;

namespace Cyborg.Conductor;

/// <summary>The tasks that wait for work. What this process leaves for them it tells them itself, at once; what another process left, or what becomes due with
/// time, is found by the one look that <see cref="Hosts.HostWatch"/> takes for all of them.</summary>
internal sealed record Sleepers(HandleJobs Jobs, AcceleratorJobs Accelerators, AttachmentJobs Attachments, Notifications Notifications)
{
    /// <summary>Tells Nova; null without a Nova.</summary>
    public EventRelay? Relay { get; init; }

    /// <summary>Asks Nova for servers; null if it does not.</summary>
    public OrphanWatch? Orphans { get; init; }

    /// <summary>Wakes those for whom there is something.</summary>
    public void Wake(WorkLook look)
    {
        if (look.Handles.Any || Jobs.WantsRenewal)
            Jobs.Nudge();
        if (look.Accelerators)
            Accelerators.Nudge();
        if (look.Attachments)
            Attachments.Nudge();
        if (look.Notifications)
            Notifications.Nudge();
        if (look.NovaEvents)
            Relay?.Nudge();
        if (look.ServerChecks)
            Orphans?.Nudge();
    }
}
