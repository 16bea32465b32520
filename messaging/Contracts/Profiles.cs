using Cyborg.Model;

namespace Cyborg.Messaging.Contracts;

/// <summary>Lists device profiles.</summary>
/// <param name="Names">Any of these names; null means all, an empty list none.</param>
public sealed record ListProfiles(IReadOnlyList<string>? Names);

/// <summary>Device profiles.</summary>
/// <param name="Profiles">Oldest first.</param>
public sealed record ProfileList(IReadOnlyList<DeviceProfile> Profiles)
{
    /// <summary>Revision of the profiles that this was taken from, see <see cref="ReadRevision"/>.</summary>
    public long Revision { get; init; }
}

/// <summary>Names one device profile by one of the two.</summary>
/// <param name="Uuid">Its public identity.</param>
/// <param name="Name">Its name.</param>
public sealed record ShowProfile(Guid? Uuid, string? Name);

/// <summary>Makes a device profile.</summary>
/// <param name="Uuid">Its identity; null to have one made.</param>
/// <param name="Name">Its name.</param>
/// <param name="Description">Words for people.</param>
/// <param name="Groups">Its groups as the client wrote them; the conductor parses them again.</param>
public sealed record CreateProfile(Guid? Uuid, string Name, string? Description, IReadOnlyList<IReadOnlyDictionary<string, string?>> Groups);

/// <summary>Deletes device profiles: all of them or, if one is missing or in use, none.</summary>
/// <param name="Profiles">Each names one.</param>
public sealed record DeleteProfiles(IReadOnlyList<ShowProfile> Profiles);
