using Cyborg.Model;
using LinqToDB.Mapping;

namespace Cyborg.Storage.Rows;

/// <summary>An accelerator request, see <see cref="AcceleratorRequest"/>. The handle that it holds points to it.</summary>
[Table("extended_accelerator_requests")]
public sealed class ArqRow : Row
{
    /// <summary>Public identity, unique.</summary>
    [Column("uuid", CanBeNull = false)]
    public Guid Uuid { get; set; }

    /// <summary>Owner.</summary>
    [Column("project_id")]
    public string? ProjectId { get; set; }

    /// <summary>Where it is in its life.</summary>
    [Column("state", CanBeNull = false)]
    public ArqState State { get; set; }

    /// <summary>Key of the device profile it was made from; a profile with ARQs can not be deleted. Null for an attachment of API v1 without one.</summary>
    [Column("device_profile_id")]
    public int? DeviceProfileId { get; set; }

    /// <summary>Index of the profile's group, from 0.</summary>
    [Column("device_profile_group_id", CanBeNull = false)]
    public int DeviceProfileGroupId { get; set; }

    /// <summary>Host that Nova named when binding.</summary>
    [Column("hostname")]
    public string? Hostname { get; set; }

    /// <summary>Resource provider that Nova named when binding.</summary>
    [Column("device_rp_uuid")]
    public Guid? DeviceRpUuid { get; set; }

    /// <summary>Instance it is bound to.</summary>
    [Column("instance_uuid")]
    public Guid? InstanceUuid { get; set; }

    /// <summary>Rises with each bind and each unbind.</summary>
    [Column("generation", CanBeNull = false)]
    public long Generation { get; set; }

    /// <summary>Why the bind failed; told to Nova first and shown later.</summary>
    [Column("failure")]
    public string? Failure { get; set; }

    /// <summary>When the bind failed, in the database's clock.</summary>
    [Column("failed_at")]
    public DateTimeOffset? FailedAt { get; set; }

    /// <summary>Nova is not to be asked for its instance before, in the database's clock.</summary>
    [Column("check_after")]
    public DateTimeOffset? CheckAfter { get; set; }

    /// <summary>Who asks for it.</summary>
    [Column("check_token")]
    public Guid? CheckToken { get; set; }

    /// <summary>Until when that claim holds, in the database's clock.</summary>
    [Column("check_until")]
    public DateTimeOffset? CheckUntil { get; set; }

    /// <summary>How often Nova was asked since the bind.</summary>
    [Column("checks", CanBeNull = false)]
    public int Checks { get; set; }

    /// <summary>True if Nova's last answer was that its instance is gone or can never start.</summary>
    [Column("suspect", CanBeNull = false)]
    public bool Suspect { get; set; }
}
