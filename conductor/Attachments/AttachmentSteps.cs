using Cyborg.Hosting.Faults;
using Cyborg.Storage;
using Cyborg.Storage.Rows;

namespace Cyborg.Conductor.Attachments;

/// <summary>Does the steps of attachments, each as often as it takes: what was done before is found done.</summary>
internal sealed class AttachmentSteps(CyborgDatabase database, AttachmentClaims claims, AttachmentBinds binds, NovaAttachments? nova)
{
    /// <summary>How long a claim on a step holds: longer than a step takes.</summary>
    public static readonly TimeSpan Claim = TimeSpan.FromSeconds(60);

    // Several calls to Placement, at most.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>Does the row's step.</summary>
    public async Task<StepOutcome> DoAsync(AttachmentJob job, Guid token, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Longest);
        try
        {
            return await DoStepAsync(job, token, patience.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return StepOutcome.Later("No answer came in time.");
        }
    }

    private Task<StepOutcome> DoStepAsync(AttachmentJob job, Guid token, CancellationToken stop) => job.Row.Step switch
    {
        AttachmentStep.Check => OfNovaAsync(asked => asked.CheckAsync(job.Row, stop)),
        AttachmentStep.Claim => claims.ClaimAsync(job.Row, stop),
        AttachmentStep.Bind => binds.BindAsync(job, token, claims.AreMade, stop),
        AttachmentStep.Prepare => binds.PrepareAsync(job.Row, stop),
        AttachmentStep.Act => ActAsync(job, token, FaultPoint.AttachmentActed, asked => asked.AttachAsync(job.Row, stop), stop),
        AttachmentStep.Undo => ActAsync(job, token, FaultPoint.DetachmentActed, asked => asked.DetachAsync(job.Row, stop), stop),
        AttachmentStep.Acting or AttachmentStep.Undoing => OfNovaAsync(asked => asked.LookAsync(job.Row, stop)),
        AttachmentStep.Release => binds.ReleaseAsync(job, token, Claim.TotalSeconds, stop),
        AttachmentStep.Drain => binds.DrainAsync(job.Row, stop),
        AttachmentStep.Unclaim => claims.ReleaseAsync(job.Row, stop),
        _ => throw new InvalidOperationException($"There is no step {job.Row.Step}."),
    };

    /// <summary>Asks Nova for something that it does once for one ARQ. That it is asked is written first: who comes next knows that Nova may have it.</summary>
    private async Task<StepOutcome> ActAsync(
        AttachmentJob job, Guid token, FaultPoint taken, Func<NovaAttachments, Task<StepOutcome>> ask, CancellationToken stop)
    {
        if (!await database.TransactAsync(session => AttachmentJobStore.TryingAsync(session, job, token), stop))
            return StepOutcome.Moved;
        var outcome = await OfNovaAsync(ask);
        if (outcome.Result == StepResult.Done)
            FaultPoints.Reach(taken);
        return outcome;
    }

    private Task<StepOutcome> OfNovaAsync(Func<NovaAttachments, Task<StepOutcome>> ask) =>
        nova is null ? Task.FromResult(StepOutcome.Later("This service has no [nova] section any more: the compute service cannot be asked.")) : ask(nova);
}
