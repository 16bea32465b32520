using Cyborg.Conductor.Requests;
using Cyborg.Hosting.Faults;
using Cyborg.Model;
using Cyborg.Storage;
using Cyborg.Storage.Rows;

namespace Cyborg.Conductor.Attachments;

/// <summary>The steps of an attachment that are a bind, its host's work and a release: those of ARQs, done for an ARQ of its own.</summary>
/// <param name="database">The state.</param>
/// <param name="workLeft">Called when a host is left with work to do.</param>
internal sealed class AttachmentBinds(CyborgDatabase database, Action workLeft)
{
    /// <summary>Makes the ARQ and binds it, in the transaction that moves the row on. Locks in the house's order; the attachment's own row last.</summary>
    /// <param name="job">The step.</param>
    /// <param name="token">The claim.</param>
    /// <param name="claimed">True if the claim stands in Placement: then no other deployable may be taken.</param>
    /// <param name="stop">Gives up.</param>
    public async Task<StepOutcome> BindAsync(AttachmentJob job, Guid token, bool claimed, CancellationToken stop)
    {
        var row = job.Row;
        try
        {
            var hostWork = await database.TransactAsync(session => BindAsync(session, job, token), stop);
            FaultPoints.Reach(FaultPoint.AttachmentBound);
            if (hostWork)
                workLeft();
            return StepOutcome.Moved;
        }
        catch (FaultException fault) when (fault.Code == FaultCode.NoFreeAttachHandle)
        {
            return claimed ? StepOutcome.Refused(fault.Message) : new StepOutcome(StepResult.Again);
        }
        catch (FaultException fault) when (fault.Code is FaultCode.DeviceUnusable or FaultCode.Conflict or FaultCode.InvalidInput or FaultCode.ResourceProviderNotFound)
        {
            return StepOutcome.Refused(fault.Message);
        }
        catch (ClaimLostException)
        {
            return StepOutcome.Moved;
        }
        catch (Exception error) when (Violations.IsUniqueViolation(error, Violations.ArqUuid))
        {
            // Whose claim this was before has bound it just now.
            return StepOutcome.Wait;
        }
        catch (Exception error) when (row.ProfileId is not null && Violations.IsForeignKeyViolation(error))
        {
            return StepOutcome.Refused("The device profile is gone.");
        }
    }

    /// <summary>Looks how far the bind is.</summary>
    public async Task<StepOutcome> PrepareAsync(AttachmentRow row, CancellationToken stop)
    {
        var (arq, handle, now) = await database.ReadAsync(
            async session => (
                await ArqStore.LookAsync(session, row.ConsumerUuid), await AttachmentStore.HandleAsync(session, row.ConsumerUuid),
                await AttachmentStore.RowAsync(session, row.Uuid)),
            stop);
        return arq switch
        {
            { State: ArqState.Bound } => StepOutcome.Done,
            { State: ArqState.BindStarted, Failure: null } => StepOutcome.Wait with { Reason = handle?.Failure },
            { Failure: { } failure } => StepOutcome.Refused(
                failure, Enum.TryParse<FaultCode>(now?.Fault, out var code) ? code : FaultCode.BackendFailed),
            // Who takes it away moves the row, too; then this changes nothing.
            null => StepOutcome.Refused("Its accelerator request is gone."),
            _ => StepOutcome.Refused($"Its accelerator request is {arq.State}.", FaultCode.BackendFailed),
        };
    }

    /// <summary>Deletes the ARQ, and so gives the handle back; that moves the row on.</summary>
    public async Task<StepOutcome> ReleaseAsync(AttachmentJob job, Guid token, double leaseSeconds, CancellationToken stop)
    {
        var (leftJobs, moved) = await database.TransactAsync(
            async session =>
            {
                var arqs = await ArqStore.LockAsync(session, ProjectScope.All, [job.Row.ConsumerUuid]);
                if (arqs.Count == 0)
                    return (false, false);
                var released = await AttachHandleStore.ReleaseAsync(session, [job.Row.ConsumerUuid]);
                await ArqStore.DeleteAsync(session, [job.Row.ConsumerUuid]);
                await AttachmentJobStore.ReclaimAsync(session, job, token, leaseSeconds);
                return (released.LeftJobs, true);
            },
            stop);
        FaultPoints.Reach(FaultPoint.DetachmentReleased);
        if (leftJobs)
            workLeft();
        return moved ? StepOutcome.Moved : StepOutcome.Done;
    }

    /// <summary>Looks whether the host has undone its work.</summary>
    public async Task<StepOutcome> DrainAsync(AttachmentRow row, CancellationToken stop) =>
        await database.ReadAsync(session => AttachmentStore.HandleAsync(session, row.ConsumerUuid), stop) switch
        {
            null => StepOutcome.Done,
            { State: AttachHandleState.Error } handle => StepOutcome.Refused(
                $"The host could not undo its work: {handle.Failure ?? "its log says why."}", FaultCode.BackendFailed),
            var handle => StepOutcome.Wait with { Reason = handle.Failure },
        };

    private static async Task<bool> BindAsync(Session session, AttachmentJob job, Guid token)
    {
        var (row, toHost) = (job.Row, job.Row.TargetType == AttachTarget.Host);
        if (await AttachmentStore.PlaceAsync(session, row.AcceleratorUuid, row.DeployableId ?? 0) is not { } place)
            throw new FaultException(FaultCode.DeviceUnusable, "Its deployable is gone.");
        if (place.Phase is { } phase)
            throw new FaultException(FaultCode.DeviceUnusable, $"The accelerator is {phase}.");
        var instance = toHost ? Guid.Empty : Guid.ParseExact(row.Target, "D");
        // A delete by instance waits for this, instead of missing it.
        if (!toHost)
            await session.LockInstancesAsync([instance]);
        var arq = await ArqStore.InsertOwnAsync(session, row.ConsumerUuid, row.ProfileId, row.ProjectId);
        var binding = new ArqBinding(arq.Uuid, place.Hostname, place.Provider, instance, row.ProjectId);
        var hostWork = (await BindHandles.TakeAsync(session, [arq], new Dictionary<Guid, ArqBinding> { [arq.Uuid] = binding }, toHost)).Count > 0;
        if (await ArqStore.BindAsync(session, [new ArqStart(binding, hostWork, toHost)], row.ProjectId) != 1)
            throw RequestFaults.Changed();
        var next = hostWork ? AttachmentStep.Prepare : AttachmentStep.Act;
        var move = new AttachmentMove(AttachmentState.Attaching, next, null, null) { SetsArq = true, Arq = arq.Uuid };
        return await AttachmentJobStore.MoveAsync(session, job, token, move) ? hostWork : throw new ClaimLostException();
    }

    /// <summary>Rolls a transaction back whose claim is another's by now.</summary>
    private sealed class ClaimLostException : Exception;
}
