using LinqToDB.Mapping;

namespace Cyborg.Storage.Rows;

/// <summary>What a user asks for.</summary>
[Table("device_profiles")]
public sealed class DeviceProfileRow : Row
{
    /// <summary>Public identity, unique.</summary>
    [Column("uuid", CanBeNull = false)]
    public Guid Uuid { get; set; }

    /// <summary>Name, unique.</summary>
    [Column("name", CanBeNull = false)]
    public string Name { get; set; } = "";

    /// <summary>JSON text <c>{"groups": [...]}</c>, as upstream keeps it.</summary>
    [Column("profile_json", CanBeNull = false)]
    public string ProfileJson { get; set; } = "";

    /// <summary>The operator's words.</summary>
    [Column("description")]
    public string? Description { get; set; }
}
