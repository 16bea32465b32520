using System.Diagnostics;
using Cyborg.Conductor.Accelerators;
using Cyborg.Hosting.Faults;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using Cyborg.Storage.Rows;

namespace Cyborg.Conductor.Attachments;

/// <summary>Detaches accelerators: all of a caller's attachments that are meant begin to go in one transaction, or none does; then they are led to their end,
/// and waited for.</summary>
internal static class DetachAccelerators
{
    /// <exception cref="FaultException">There is no such accelerator, nothing is attached, somebody else uses it, or the host or the compute service
    /// refuses.</exception>
    public static async Task<Detached> HandleAsync(ConductorServices services, DetachAccelerator request, CallContext call, CancellationToken stop)
    {
        var (began, token) = (Stopwatch.GetTimestamp(), Guid.NewGuid());
        var wanted = await CheckAsync(services, request, stop);
        var consumers = wanted.TargetType is null ? await ConsumersAsync(services, wanted.Accelerator!.Value, stop) : null;
        List<Guid> mine = [], others = [];
        await services.Mutations.OnceAsync(
            Verbs.DetachAccelerator,
            call,
            async session =>
            {
                (mine, others) = await OrderAsync(services, session, wanted, consumers, call.Caller, token);
                return new Detached(Done: false);
            },
            stop);
        if (mine.Count > 0)
            FaultPoints.Reach(FaultPoint.DetachmentOrdered);
        // A call that was sent again finds what its first arrival has begun.
        if (mine.Count + others.Count == 0)
            others = await GoingAsync(services, wanted, call.Caller, stop);
        var patience = AttachmentJobs.TimeFor(call, services.Options.AnswerMargin, began);
        var ends = await Task.WhenAll(
        [
            .. mine.Select(uuid => services.Attachments.FinishAsync(uuid, token, patience, stop)),
            .. others.Select(uuid => services.Attachments.LookOnAsync(uuid, patience, stop)),
        ]);
        // What was given back because something refused it is given back, all the same.
        return ends.Where(end => !end.Gone).Select(end => end.Refusal).FirstOrDefault(refusal => refusal is not null) is { } first
            ? throw first
            : new Detached(ends.All(end => end.Ended));
    }

    private static async Task<DetachAccelerator> CheckAsync(ConductorServices services, DetachAccelerator request, CancellationToken stop)
    {
        if (request is { TargetType: null, Target: not null })
            throw AttachmentFaults.Invalid("A target needs a kind: instance or host.");
        var accelerator = request.Accelerator is { } uuid
            ? (await services.Cache.AcceleratorsAsync(stop)).Find(uuid)?.Accelerator ?? throw AcceleratorFaults.NotFound(uuid)
            : null;
        if (accelerator is null && request.Target is null)
            throw AttachmentFaults.Invalid("Name an accelerator or a target to detach.");
        return request.TargetType switch
        {
            AttachTarget.Instance => request with { Target = AttachAccelerators.Server(request.Target) },
            AttachTarget.Host => request with { Target = request.Target ?? accelerator!.Host },
            _ => request,
        };
    }

    /// <summary>Everybody who has something of an accelerator in Placement.</summary>
    private static async Task<IReadOnlySet<Guid>> ConsumersAsync(ConductorServices services, Guid accelerator, CancellationToken stop) =>
        await services.Offers.FindAsync(accelerator, null, stop) is [var found]
            ? await services.Claims.ConsumersAsync(found.Deployables.Select(deployable => deployable.Provider), stop)
            : new HashSet<Guid>();

    private static async Task<(List<Guid> Mine, List<Guid> Others)> OrderAsync(
        ConductorServices services, Session session, DetachAccelerator request, IReadOnlySet<Guid>? consumers, Caller caller, Guid token)
    {
        if (request.Accelerator is { } locked)
            await session.LockInstancesAsync([locked]);
        var all = await AttachmentStore.RowsAsync(session, request.Accelerator, request.TargetType, request.Target);
        var rows = all.Where(row => caller.Scope.Sees(row.ProjectId)).ToList();
        if (rows.Count == 0)
            throw AttachmentFaults.NotAttached(What(request));
        if (consumers is not null)
            await RequireAloneAsync(session, request.Accelerator!.Value, all, rows, consumers);
        List<Guid> mine = [], others = [];
        foreach (var row in rows)
        {
            if (AttachmentRules.Undo(row) is not { } step)
                others.Add(row.Uuid);
            else if (await AttachmentJobStore.DetachAsync(session, row, step, token, AttachmentSteps.Claim.TotalSeconds))
                mine.Add(row.Uuid);
            else
                throw AttachmentFaults.UnderWay(row);
        }
        return (mine, others);
    }

    private static async Task RequireAloneAsync(
        Session session, Guid accelerator, List<AttachmentRow> all, List<AttachmentRow> own, IReadOnlySet<Guid> consumers)
    {
        var mine = own.Select(row => row.ConsumerUuid).ToHashSet();
        var foreign = all.Select(row => row.ConsumerUuid).Concat(consumers).Where(consumer => !mine.Contains(consumer)).ToHashSet();
        if (await AcceleratorStore.FindAsync(session, accelerator) is { DeviceId: { } device })
        {
            // A server is the consumer of its ARQs: it is counted once by each of the two.
            var holders = (await AttachmentStore.HoldersAsync(session, device)).Where(arq => !mine.Contains(arq)).ToHashSet();
            if (foreign.Count == 0 || holders.Count > foreign.Count)
                foreign = holders;
        }
        if (foreign.Count > 0)
            throw AttachmentFaults.HeldByOthers(accelerator, foreign.Count);
    }

    private static async Task<List<Guid>> GoingAsync(ConductorServices services, DetachAccelerator request, Caller caller, CancellationToken stop) =>
    [
        .. (await services.Database.ReadAsync(
                session => AttachmentStore.RowsAsync(session, request.Accelerator, request.TargetType, request.Target), stop))
            .Where(row => caller.Scope.Sees(row.ProjectId) && row.State is AttachmentState.Detaching or AttachmentState.Error).Select(row => row.Uuid),
    ];

    private static string What(DetachAccelerator request) => (request.Accelerator, request.Target) switch
    {
        ({ } accelerator, null) => $"Accelerator {accelerator}",
        ({ } accelerator, { } target) => $"Accelerator {accelerator} at {AttachmentWords.Of(request.TargetType!.Value)} {target}",
        _ => $"{(request.TargetType == AttachTarget.Instance ? "Instance" : "Host")} {request.Target}",
    };
}
