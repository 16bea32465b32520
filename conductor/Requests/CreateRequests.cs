using Cyborg.Conductor.Profiles;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Requests;

/// <summary>Makes the ARQs that a device profile asks for: for each group as many as its amounts add up to, owned by the caller's project.</summary>
internal static class CreateRequests
{
    public static async Task<ArqList> HandleAsync(ConductorServices services, CreateArqs request, CallContext call, CancellationToken stop) =>
        await services.Groups.TryCreateAsync(request, call) ?? await services.Groups.AloneAsync(() => AloneAsync(services, request, call, stop), stop);

    /// <summary>The ARQs of a profile with so many in each group.</summary>
    public static IReadOnlyList<AcceleratorRequest> Make(string profile, IReadOnlyList<int> counts, string? project, DateTimeOffset now) =>
    [
        .. from index in Enumerable.Range(0, counts.Count)
           from _ in Enumerable.Range(0, counts[index])
           select new AcceleratorRequest
           {
               Uuid = Guid.NewGuid(),
               State = ArqState.Initial,
               DeviceProfileName = profile,
               DeviceProfileGroupId = index,
               ProjectId = project,
               CreatedAt = now,
           },
    ];

    private static Task<ArqList> AloneAsync(ConductorServices services, CreateArqs request, CallContext call, CancellationToken stop) =>
        services.Mutations.OnceAsync(
            Verbs.CreateArqs,
            call,
            async session =>
            {
                var profile = await ProfileStore.FindAsync(session, null, request.ProfileName)
                    ?? throw ProfileFaults.NotFound(request.ProfileName);
                var wanted = ProfileGroup.ParseAll(profile.Profile.Groups);
                services.Groups.Profiles.Learn(profile, wanted);
                var arqs = Make(profile.Profile.Name, [.. wanted.Select(group => group.RequestCount)], call.Caller.ProjectId, session.Now);
                if (!await ArqStore.InsertAsync(session, arqs, profile.Id))
                    throw ProfileFaults.NotFound(request.ProfileName);
                return new ArqList(arqs);
            },
            stop);
}
