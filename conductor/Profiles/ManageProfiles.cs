using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Profiles;

/// <summary>Lists, shows, makes and deletes device profiles.</summary>
internal static class ManageProfiles
{
    public static async Task<ProfileList> ListAsync(ConductorServices services, ListProfiles request, CancellationToken stop)
    {
        var profiles = await services.Cache.ProfilesAsync(stop);
        return new ProfileList([.. profiles.Value.Profiles.Where(profile => request.Names is null || request.Names.Contains(profile.Name))]) { Revision = profiles.Revision };
    }

    public static async Task<DeviceProfile> ShowAsync(ConductorServices services, ShowProfile request, CancellationToken stop) =>
        (await services.Cache.ProfilesAsync(stop)).Value.Find(request.Uuid, request.Name) ?? throw ProfileFaults.NotFound(request);

    public static Task<DeviceProfile> CreateAsync(ConductorServices services, CreateProfile request, CallContext call, CancellationToken stop)
    {
        IReadOnlyList<IReadOnlyDictionary<string, string?>> groups = [.. ProfileGroup.ParseAll(request.Groups).Select(group => group.Text)];
        return services.Mutations.OnceAsync(
            Verbs.CreateProfile,
            call,
            async session =>
            {
                var profile = new DeviceProfile
                {
                    Uuid = request.Uuid ?? Guid.NewGuid(),
                    Name = request.Name,
                    Description = request.Description,
                    Groups = groups,
                    CreatedAt = session.Now,
                };
                await ProfileStore.InsertAsync(session, profile);
                return profile;
            },
            stop);
    }

    /// <summary>All or none: upstream deletes the earlier names of a list before it finds that a later one is missing.</summary>
    public static Task<Done> DeleteAsync(ConductorServices services, DeleteProfiles request, CallContext call, CancellationToken stop) =>
        services.Mutations.OnceAsync(
            Verbs.DeleteProfiles,
            call,
            async session =>
            {
                var found = await ProfileStore.FindAllAsync(session, [.. Present(request, profile => profile.Uuid)], [.. Present(request, profile => profile.Name)]);
                var missing = request.Profiles.FirstOrDefault(wanted => !found.Any(row => row.Uuid == wanted.Uuid || row.Name == wanted.Name));
                if (missing is not null)
                    throw ProfileFaults.NotFound(missing);
                await ProfileStore.DeleteAsync(session, [.. found.Select(row => row.Id)]);
                return Done.Instance;
            },
            stop);

    private static IEnumerable<Guid> Present(DeleteProfiles request, Func<ShowProfile, Guid?> part) => request.Profiles.Select(part).OfType<Guid>();

    private static IEnumerable<string> Present(DeleteProfiles request, Func<ShowProfile, string?> part) => request.Profiles.Select(part).OfType<string>();
}
