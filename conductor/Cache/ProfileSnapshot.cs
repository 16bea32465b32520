using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Cache;

/// <summary>All device profiles at one moment, oldest first.</summary>
internal sealed class ProfileSnapshot
{
    private readonly Dictionary<Guid, DeviceProfile> _byUuid;
    private readonly Dictionary<string, DeviceProfile> _byName;

    private ProfileSnapshot(IReadOnlyList<DeviceProfile> profiles)
    {
        Profiles = profiles;
        _byUuid = profiles.ToDictionary(profile => profile.Uuid);
        _byName = profiles.ToDictionary(profile => profile.Name, StringComparer.Ordinal);
    }

    public IReadOnlyList<DeviceProfile> Profiles { get; }

    public static async Task<ProfileSnapshot> LoadAsync(Session session) => new(await ProfileStore.AllAsync(session));

    /// <summary>The profile of this uuid, else of this name.</summary>
    public DeviceProfile? Find(Guid? uuid, string? name) =>
        (uuid is { } id ? _byUuid.GetValueOrDefault(id) : null) ?? (name is null ? null : _byName.GetValueOrDefault(name));
}
