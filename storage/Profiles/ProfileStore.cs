using System.Text.Json;
using System.Text.Json.Serialization;
using Cyborg.Model;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage;

/// <summary>A device profile with its key.</summary>
/// <param name="Id">Database key.</param>
/// <param name="Profile">The profile.</param>
public sealed record StoredProfile(int Id, DeviceProfile Profile);

/// <summary>What a device profile can be named by.</summary>
/// <param name="Id">Database key.</param>
/// <param name="Uuid">Public identity.</param>
/// <param name="Name">Unique name.</param>
public sealed record ProfileKey(int Id, Guid Uuid, string Name);

/// <summary>Statements on device profiles.</summary>
public static partial class ProfileStore
{
    /// <summary>All device profiles, oldest first. One statement.</summary>
    public static async Task<List<DeviceProfile>> AllAsync(Session session) =>
        [.. (await session.DeviceProfiles.OrderBy(row => row.Id).ToListAsync()).Select(row => Shown(row).Profile)];

    /// <summary>One device profile by uuid or name, or null. One statement.</summary>
    public static async Task<StoredProfile?> FindAsync(Session session, Guid? uuid, string? name) =>
        await session.DeviceProfiles.OrderBy(row => row.Id).FirstOrDefaultAsync(row => row.Uuid == uuid || row.Name == name) is { } row ? Shown(row) : null;

    /// <summary>Keys and names of every device profile that is named by uuid or name. One statement.</summary>
    public static Task<List<ProfileKey>> FindAllAsync(Session session, IReadOnlyCollection<Guid> uuids, IReadOnlyCollection<string> names) =>
        session.DeviceProfiles.Where(row => uuids.Contains(row.Uuid) || names.Contains(row.Name))
            .OrderBy(row => row.Id)
            .Select(row => new ProfileKey(row.Id, row.Uuid, row.Name))
            .ToListAsync();

    /// <summary>The groups of profiles by key. One statement.</summary>
    public static async Task<IReadOnlyDictionary<int, IReadOnlyList<IReadOnlyDictionary<string, string?>>>> GroupsAsync(
        Session session, IReadOnlyCollection<int> ids) =>
        (await session.DeviceProfiles.Where(row => ids.Contains(row.Id)).ToListAsync())
            .ToDictionary(row => row.Id, row => Shown(row).Profile.Groups);

    /// <summary>Inserts a device profile.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.DeviceProfileNameExists"/> or <see cref="FaultCode.DeviceProfileUuidExists"/>.</exception>
    public static async Task InsertAsync(Session session, DeviceProfile profile)
    {
        try
        {
            await session.InsertIdAsync(new DeviceProfileRow
            {
                Uuid = profile.Uuid,
                Name = profile.Name,
                Description = profile.Description,
                ProfileJson = JsonSerializer.Serialize(new ProfileText(profile.Groups), ProfileJson.Default.ProfileText),
                CreatedAt = profile.CreatedAt,
            });
            session.MarkChanged(RevisionRow.Profiles);
        }
        catch (Exception error) when (Violations.IsUniqueViolation(error, Violations.DeviceProfileName))
        {
            throw new FaultException(FaultCode.DeviceProfileNameExists, $"A device_profile with name {profile.Name} already exists.", error);
        }
        catch (Exception error) when (Violations.IsUniqueViolation(error, Violations.DeviceProfileUuid))
        {
            throw new FaultException(FaultCode.DeviceProfileUuidExists, $"DeviceProfile with uuid {profile.Uuid} already exists.", error);
        }
    }

    /// <summary>Deletes device profiles by key; returns how many.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.DeviceProfileInUse"/>: ARQs refer to one.</exception>
    public static async Task<int> DeleteAsync(Session session, IReadOnlyCollection<int> ids)
    {
        try
        {
            var deleted = await session.DeviceProfiles.Where(row => ids.Contains(row.Id)).DeleteAsync();
            if (deleted > 0)
                session.MarkChanged(RevisionRow.Profiles);
            return deleted;
        }
        catch (Exception error) when (Violations.IsForeignKeyViolation(error))
        {
            throw new FaultException(FaultCode.DeviceProfileInUse, "A device profile is in use: delete its accelerator requests first.", error);
        }
    }

    private static StoredProfile Shown(DeviceProfileRow row) => new(row.Id, new DeviceProfile
    {
        Uuid = row.Uuid,
        Name = row.Name,
        Description = row.Description,
        Groups = JsonSerializer.Deserialize(row.ProfileJson, ProfileJson.Default.ProfileText)!.Groups,
        CreatedAt = row.CreatedAt,
        UpdatedAt = row.UpdatedAt,
    });

    internal sealed record ProfileText(IReadOnlyList<IReadOnlyDictionary<string, string?>> Groups);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(ProfileText))]
    internal sealed partial class ProfileJson : JsonSerializerContext;
}
