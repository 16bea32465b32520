using Cyborg.Conductor.Profiles;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Requests;

/// <summary>Makes the ARQs that a device profile asks for: for each group as many as its amounts add up to, owned by the caller's project.</summary>
internal static class CreateRequests
{
    public static Task<ArqList> HandleAsync(ConductorServices services, CreateArqs request, CallContext call, CancellationToken stop) =>
        services.Mutations.OnceAsync(
            Verbs.CreateArqs,
            call,
            async session =>
            {
                var profile = await ProfileStore.FindAsync(session, null, request.ProfileName)
                    ?? throw ProfileFaults.NotFound(request.ProfileName);
                var wanted = ProfileGroup.ParseAll(profile.Profile.Groups);
                List<AcceleratorRequest> arqs =
                [
                    .. from index in Enumerable.Range(0, wanted.Count)
                       from _ in Enumerable.Range(0, wanted[index].RequestCount)
                       select new AcceleratorRequest
                       {
                           Uuid = Guid.NewGuid(),
                           State = ArqState.Initial,
                           DeviceProfileName = profile.Profile.Name,
                           DeviceProfileGroupId = index,
                           ProjectId = call.Caller.ProjectId,
                           CreatedAt = session.Now,
                       },
                ];
                if (!await ArqStore.InsertAsync(session, arqs, profile.Id))
                    throw ProfileFaults.NotFound(request.ProfileName);
                return new ArqList(arqs);
            },
            stop);
}
