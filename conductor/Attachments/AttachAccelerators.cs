using System.Diagnostics;
using Cyborg.Conductor.Accelerators;
using Cyborg.Hosting.Faults;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using Cyborg.Storage.Rows;

namespace Cyborg.Conductor.Attachments;

/// <summary>Attaches an accelerator to its host or to a server: the row is the job, committed first; then it is led to its end, and waited for. A refusal is
/// undone before it is told; what takes longer goes on.</summary>
internal static class AttachAccelerators
{
    /// <exception cref="FaultException">There is no such accelerator or profile, nothing fits or is free, or Placement, the host or the compute service
    /// refuses.</exception>
    public static async Task<Attachment> HandleAsync(ConductorServices services, AttachAccelerator request, CallContext call, CancellationToken stop)
    {
        var (began, token) = (Stopwatch.GetTimestamp(), Guid.NewGuid());
        var wanted = Check(request);
        var isNew = false;
        var attachment = await services.Mutations.OnceAsync(
            Verbs.AttachAccelerator,
            call,
            async session =>
            {
                var (found, row) = await OrderAsync(services, session, wanted, call.Caller, token, stop);
                isNew = row is not null;
                return found;
            },
            stop);
        if (attachment.State == AttachmentState.Attached)
            return attachment;
        if (isNew)
            FaultPoints.Reach(FaultPoint.AttachmentOrdered);
        var patience = AttachmentJobs.TimeFor(call, services.Options.AnswerMargin, began);
        var end = isNew
            ? await services.Attachments.FinishAsync(attachment.Uuid, token, patience, stop)
            : await services.Attachments.LookOnAsync(attachment.Uuid, patience, stop);
        if (end.Refusal is { } refusal)
            throw refusal;
        if (await services.Database.ReadAsync(session => AttachmentStore.FindAsync(session, attachment.Uuid), stop) is { } now)
            return now;
        throw new FaultException(FaultCode.Conflict, $"Accelerator {attachment.Accelerator} is not attached to {attachment.Target}: it was refused, or detached meanwhile.");
    }

    private static AttachAccelerator Check(AttachAccelerator request) => (request.TargetType, request.Target) switch
    {
        (null, { }) => throw AttachmentFaults.Invalid("A target needs a kind: instance or host."),
        (AttachTarget.Instance, var target) => request with { Target = Server(target) },
        (_, { Length: 0 or > Attachment.MaxTarget }) => throw AttachmentFaults.Invalid($"The name of a host takes 1 to {Attachment.MaxTarget} characters."),
        _ => request with { TargetType = AttachTarget.Host },
    };

    /// <summary>The uuid of a server in the form in which it is kept.</summary>
    internal static string Server(string? target) => Guid.TryParse(target, out var server)
        ? server.ToString("D")
        : throw AttachmentFaults.Invalid("A target of the kind instance takes the uuid of a server.");

    /// <summary>What is attached already, or under way; else a new row.</summary>
    private static async Task<(Attachment Found, AttachmentRow? New)> OrderAsync(
        ConductorServices services, Session session, AttachAccelerator request, Caller caller, Guid token, CancellationToken stop)
    {
        if (request.Accelerator is null && request.Target is not null && await UnderWayAsync(session, request, caller) is { } other)
            return ((await AttachmentStore.FindAsync(session, other.Uuid))!, null);
        var profile = await ProfileAsync(session, request.Profile);
        var candidates = await CandidatesAsync(services, request, profile, stop);
        var chosen = Choose(request, candidates, profile);
        var accelerator = chosen.Accelerator;
        var target = request.Target ?? accelerator.Host ?? throw AttachmentFaults.NotOffered(accelerator);
        // Two attaches of one accelerator come one after the other.
        await session.LockInstancesAsync([accelerator.Uuid], stop);
        var rows = await AttachmentStore.RowsAsync(session, accelerator.Uuid, request.TargetType, target);
        if (rows.FirstOrDefault(row => row.ProjectId == caller.ProjectId) is { } known)
        {
            if (known.State is AttachmentState.Detaching or AttachmentState.Error)
                throw AttachmentFaults.BeingDetached(known);
            return ((await AttachmentStore.FindAsync(session, known.Uuid))!, null);
        }
        RequirePossible(services, request, chosen, target, profile);
        var row = Row(accelerator.Uuid, request.TargetType!.Value, target, profile?.Id, caller);
        await AttachmentJobStore.InsertAsync(session, row, token, AttachmentSteps.Claim.TotalSeconds);
        return ((await AttachmentStore.FindAsync(session, row.Uuid))!, row);
    }

    private static async Task<AttachmentRow?> UnderWayAsync(Session session, AttachAccelerator request, Caller caller) =>
        (await AttachmentStore.RowsAsync(session, null, request.TargetType, request.Target))
            .FirstOrDefault(row => row.State == AttachmentState.Attaching && row.ProjectId == caller.ProjectId);

    private static async Task<StoredProfile?> ProfileAsync(Session session, string? named)
    {
        if (named is null)
            return null;
        Guid? uuid = Guid.TryParse(named, out var parsed) ? parsed : null;
        return await ProfileStore.FindAsync(session, uuid, named)
            ?? throw new FaultException(FaultCode.DeviceProfileNotFound, $"Device profile not found with {(uuid is null ? "name" : "uuid")}={named}");
    }

    private static async Task<IReadOnlyList<AttachCandidate>> CandidatesAsync(
        ConductorServices services, AttachAccelerator request, StoredProfile? profile, CancellationToken stop)
    {
        var candidates = await services.Offers.FindAsync(
            request.Accelerator, profile is null ? null : AttachChoice.OneGroup(profile.Profile), stop);
        // To a host only what is there can be attached, unless one is named that is elsewhere: then that is told.
        return request is { Accelerator: null, TargetType: AttachTarget.Host, Target: { } host }
            ? [.. candidates.Where(one => one.Accelerator.Host == host)]
            : candidates;
    }

    private static AttachCandidate Choose(AttachAccelerator request, IReadOnlyList<AttachCandidate> candidates, StoredProfile? profile)
    {
        if (request.Accelerator is { } uuid)
            return candidates is [var named] ? named : throw AcceleratorFaults.NotFound(uuid);
        return profile is { Profile.Name: var name } ? AttachChoice.ByProfile(name, candidates) : AttachChoice.Only(candidates);
    }

    private static void RequirePossible(
        ConductorServices services, AttachAccelerator request, AttachCandidate chosen, string target, StoredProfile? profile)
    {
        var accelerator = chosen.Accelerator;
        if (request.TargetType == AttachTarget.Instance && !services.Nova.IsTold)
            throw AttachmentFaults.NoNova(accelerator.Uuid);
        if (request.TargetType == AttachTarget.Host && target != accelerator.Host)
            throw AttachmentFaults.Elsewhere(accelerator, target);
        if (accelerator.State != AcceleratorState.Ready)
            throw AttachmentFaults.NotOffered(accelerator);
        if (profile is not null && chosen.Deployables.Count == 0)
            throw new FaultException(FaultCode.Conflict, $"Accelerator {accelerator.Name} ({accelerator.Uuid}) does not fit device profile {profile.Profile.Name}.");
        if (!chosen.IsFree)
            throw AttachmentFaults.NotOffered(accelerator with { State = AcceleratorState.Attached });
    }

    private static AttachmentRow Row(Guid accelerator, AttachTarget type, string target, int? profile, Caller caller) => new()
    {
        Uuid = Guid.NewGuid(),
        AcceleratorUuid = accelerator,
        ConsumerUuid = Guid.NewGuid(),
        TargetType = type,
        Target = target,
        State = AttachmentState.Attaching,
        Step = AttachmentRules.First(type, caller.IsAdmin),
        ProfileId = profile,
        ProjectId = caller.ProjectId,
        UserId = caller.UserId,
    };
}
