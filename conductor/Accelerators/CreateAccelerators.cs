using System.Diagnostics;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using Cyborg.Storage.Rows;

namespace Cyborg.Conductor.Accelerators;

/// <summary>Creates an accelerator: the row is the job, committed first; then its backend is asked, and waited for. What is not made in time goes on, and GET
/// shows <c>creating</c>; what its backend refuses in time leaves nothing behind.</summary>
internal static class CreateAccelerators
{
    /// <exception cref="FaultException">The name or uuid is taken, no backend can make it, or the backend refuses.</exception>
    public static async Task<AcceleratorCreated> HandleAsync(ConductorServices services, CreateAccelerator request, CallContext call, CancellationToken stop)
    {
        Check(request);
        var (began, token) = (Stopwatch.GetTimestamp(), Guid.NewGuid());
        var created = await services.Mutations.OnceAsync(
            Verbs.CreateAccelerator,
            call,
            async session =>
            {
                var options = services.Options;
                var hosts = await AcceleratorStore.BackendHostsAsync(session, options.LeaseTimeout);
                var place = BackendChoice.Choose(hosts, request.Host ?? options.DefaultHost, request.Backend ?? options.DefaultBackend);
                var row = Row(request, place, call.Caller.ProjectId);
                await AcceleratorJobStore.OrderAsync(session, row, token, AcceleratorJobs.Claim.TotalSeconds);
                return new AcceleratorCreated(row.Uuid);
            },
            stop);
        var end = await services.Accelerators.FinishAsync(created.Uuid, token, AcceleratorJobs.TimeFor(call, services.Options.AnswerMargin, began), stop);
        if (end.Refusal is { } reason)
            throw AcceleratorFaults.Refused(reason, end.NotSupported);
        if (end.Ended)
            await AwaitDeviceAsync(services, created.Uuid, call, began, stop);
        return created;
    }

    private static void Check(CreateAccelerator request)
    {
        if (request.Name.Length is 0 or > Accelerator.MaxName)
            throw new FaultException(FaultCode.InvalidInput, $"A name takes 1 to {Accelerator.MaxName} characters.");
        if (request.Specs?.Fault() is { } fault)
            throw new FaultException(FaultCode.InvalidInput, fault);
    }

    private static AcceleratorRow Row(CreateAccelerator request, BackendPlace place, string? project)
    {
        var specs = request.Specs ?? AccSpecs.Plain;
        return new AcceleratorRow
        {
            Uuid = request.Uuid ?? Guid.NewGuid(),
            Name = request.Name,
            Host = place.Host,
            Backend = place.Backend,
            Driver = place.Driver,
            DeviceType = specs.DeviceType,
            AccType = specs.AccType(),
            AccCapability = specs.Capability,
            Num = specs.Num,
            Remotable = specs.Remote ? 1 : 0,
            ProjectId = project,
        };
    }

    private static async Task AwaitDeviceAsync(ConductorServices services, Guid uuid, CallContext call, long began, CancellationToken stop)
    {
        var (patience, longest) = (AcceleratorJobs.TimeFor(call, services.Options.AnswerMargin, began), services.Options.DevicePatience);
        await services.Accelerators.PollAsync(uuid, look => look.HasDevice, patience < longest ? patience : longest, stop);
    }
}
