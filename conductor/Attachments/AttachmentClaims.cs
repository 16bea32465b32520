using Cyborg.Hosting.Faults;
using Cyborg.Model;
using Cyborg.Placement;
using Cyborg.Storage;
using Cyborg.Storage.Rows;

namespace Cyborg.Conductor.Attachments;

/// <summary>Claims accelerators in Placement before a handle is taken, so that Nova and API v1 never give one twice. Where there is no Placement, or the
/// host's agent does not write to it, the handle's row is the claim.</summary>
internal sealed class AttachmentClaims(CyborgDatabase database, AttachOffers offers, AllocationClient? placement)
{
    // Others that change the same provider at the same time.
    private const int Attempts = 5;

    // Placement wants a word for both.
    private const string Nobody = "cyborg";

    /// <summary>True if claims are made in Placement at all.</summary>
    public bool AreMade => placement is not null;

    /// <summary>Chooses a deployable of the attachment's accelerator and claims it.</summary>
    public async Task<StepOutcome> ClaimAsync(AttachmentRow row, CancellationToken stop)
    {
        var group = await GroupAsync(row, stop);
        if (row.ProfileId is not null && group is null)
            return StepOutcome.Refused("The device profile is gone.");
        if (await offers.FindAsync(row.AcceleratorUuid, group, stop) is not [var found])
            return StepOutcome.Refused($"Accelerator {row.AcceleratorUuid} is gone.");
        try
        {
            return placement is { } client && await database.ReadAsync(session => AttachmentStore.IsManagedAsync(session, found.Accelerator.Host ?? ""), stop)
                ? await ClaimAsync(client, row, found, stop)
                : Free(found, row) is [var first, ..] ? StepOutcome.Done with { Deployable = first.Id } : NothingFree(found);
        }
        catch (PlacementException away)
        {
            return StepOutcome.Later(away.Message);
        }
    }

    /// <summary>Gives the claim back; none is fine.</summary>
    public async Task<StepOutcome> ReleaseAsync(AttachmentRow row, CancellationToken stop)
    {
        try
        {
            if (placement is not null)
                await placement.ReleaseAsync(row.ConsumerUuid, stop);
        }
        catch (PlacementException away)
        {
            return StepOutcome.Later(away.Message);
        }
        FaultPoints.Reach(FaultPoint.DetachmentUnclaimed);
        return StepOutcome.Done;
    }

    /// <summary>Consumers that have something of some providers.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.Unavailable"/>: Placement does not say.</exception>
    public async Task<IReadOnlySet<Guid>> ConsumersAsync(IEnumerable<Guid> providers, CancellationToken stop)
    {
        var consumers = new HashSet<Guid>();
        try
        {
            foreach (var provider in placement is null ? [] : providers)
                consumers.UnionWith(await placement!.ConsumersOfAsync(provider, stop));
        }
        catch (PlacementException away)
        {
            throw AttachmentFaults.PlacementAway(away.Message);
        }
        return consumers;
    }

    private static async Task<StepOutcome> ClaimAsync(AllocationClient client, AttachmentRow row, AttachCandidate found, CancellationToken stop)
    {
        if (await HeldAsync(client, row, found, stop) is { } held)
            return held;
        StepOutcome? refusal = null;
        foreach (var deployable in Free(found, row))
        {
            if (deployable.ResourceClass is not { } name)
                continue;
            var claim = new ProviderClaim(row.ConsumerUuid, deployable.Provider, name, row.ProjectId ?? Nobody, row.UserId ?? Nobody);
            var outcome = await ClaimAsync(client, claim, row, found, stop);
            if (outcome.Result != StepResult.Refused)
                return outcome.Result == StepResult.Done ? outcome with { Deployable = outcome.Deployable ?? deployable.Id } : outcome;
            refusal = outcome;
        }
        return refusal ?? NothingFree(found);
    }

    private static async Task<StepOutcome> ClaimAsync(
        AllocationClient client, ProviderClaim claim, AttachmentRow row, AttachCandidate found, CancellationToken stop)
    {
        var reason = "";
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var answer = await client.ClaimAsync(claim, stop);
            reason = answer.Reason;
            switch (answer.Verdict)
            {
                case ClaimVerdict.Done:
                    FaultPoints.Reach(FaultPoint.AttachmentClaimed);
                    return StepOutcome.Done;
                case ClaimVerdict.Conflict:
                    // Its own echo, or somebody else at the same provider.
                    if (await HeldAsync(client, row, found, stop) is { } held)
                        return held;
                    break;
                default:
                    return StepOutcome.Refused($"Nothing of accelerator {found.Accelerator.Name} ({found.Accelerator.Uuid}) is free in Placement: {reason}");
            }
        }
        return StepOutcome.Later($"Others keep changing its resource provider: {reason}");
    }

    /// <summary>What was claimed already; null if nothing was.</summary>
    private static async Task<StepOutcome?> HeldAsync(AllocationClient client, AttachmentRow row, AttachCandidate found, CancellationToken stop)
    {
        var providers = await client.ProvidersOfAsync(row.ConsumerUuid, stop);
        if (providers.Count == 0)
            return null;
        return found.Deployables.FirstOrDefault(deployable => providers.Contains(deployable.Provider)) is { } held
            ? StepOutcome.Done with { Deployable = held.Id }
            : StepOutcome.Refused($"What is claimed in Placement belongs to accelerator {row.AcceleratorUuid} no more.");
    }

    // One that was found to be taken is tried last.
    private static IReadOnlyList<OfferedDeployable> Free(AttachCandidate found, AttachmentRow row) =>
        [.. found.Deployables.Where(one => one.Free > 0 && found.Accelerator.State == AcceleratorState.Ready).OrderBy(one => one.Id == row.DeployableId)];

    private static StepOutcome NothingFree(AttachCandidate found) => StepOutcome.Refused(
        found.Accelerator.State == AcceleratorState.Ready
            ? $"Nothing of accelerator {found.Accelerator.Name} ({found.Accelerator.Uuid}) is free."
            : AttachmentFaults.NotOffered(found.Accelerator).Message);

    private async Task<ProfileGroup?> GroupAsync(AttachmentRow row, CancellationToken stop) =>
        row.ProfileId is { } id && (await database.ReadAsync(session => ProfileStore.GroupsAsync(session, [id]), stop)).GetValueOrDefault(id) is [var group]
            ? ProfileGroup.Parse(group)
            : null;
}
