using Cyborg.Model;
using LinqToDB.Mapping;

namespace Cyborg.Storage.Rows;

/// <summary>The schedulable unit of a device, see <see cref="Deployable"/>.</summary>
[Table("deployables")]
public sealed class DeployableRow : Row
{
    /// <summary>Public identity, unique.</summary>
    [Column("uuid", CanBeNull = false)]
    public Guid Uuid { get; set; }

    /// <summary>Key of the parent deployable, if any.</summary>
    [Column("parent_id")]
    public int? ParentId { get; set; }

    /// <summary>Key of the root deployable, if any.</summary>
    [Column("root_id")]
    public int? RootId { get; set; }

    /// <summary>Name; the resource provider's name too.</summary>
    [Column("name", CanBeNull = false)]
    public string Name { get; set; } = "";

    /// <summary>How many accelerators it offers at once.</summary>
    [Column("num_accelerators", CanBeNull = false)]
    public int NumAccelerators { get; set; }

    /// <summary>Key of the device it belongs to.</summary>
    [Column("device_id", CanBeNull = false)]
    public int DeviceId { get; set; }

    /// <summary>Its resource provider in Placement, unique; null until advertised.</summary>
    [Column("rp_uuid")]
    public Guid? RpUuid { get; set; }

    /// <summary>The driver's own name for itself.</summary>
    [Column("driver_name")]
    public string? DriverName { get; set; }

    /// <summary>Image that it was last programmed with; null if that is not known.</summary>
    [Column("bitstream_id")]
    public string? BitstreamId { get; set; }

    /// <summary>True while its driver does not find it any more, but something still holds it or Placement still shows it. One of a missing device is
    /// missing too.</summary>
    [Column("missing", CanBeNull = false)]
    public bool Missing { get; set; }

    /// <summary>Function of the image that it runs; null if the image does not tell one.</summary>
    [Column("function_id")]
    public string? FunctionId { get; set; }

    /// <summary>Trait of that function in Placement, see <see cref="FunctionTraits"/>.</summary>
    [Column("function_trait")]
    public string? FunctionTrait { get; set; }

    /// <summary>Rises with each programming, so that a late command of an earlier one is refused.</summary>
    [Column("program_generation", CanBeNull = false)]
    public long ProgramGeneration { get; set; }

    /// <summary>Image of the last programming, if it named one.</summary>
    [Column("program_image")]
    public Guid? ProgramImage { get; set; }

    /// <summary>Function of the last programming, if it named one.</summary>
    [Column("program_function")]
    public string? ProgramFunction { get; set; }

    /// <summary>When the programming that is under way was ordered, in the database's clock; null if none is. While one is, nobody knows what the
    /// deployable runs.</summary>
    [Column("program_began")]
    public DateTimeOffset? ProgramBegan { get; set; }

    /// <summary>The call of an operator that ordered the last programming; null if a bind did.</summary>
    [Column("program_call")]
    public Guid? ProgramCall { get; set; }

    /// <summary>Who has it done.</summary>
    [Column("program_token")]
    public Guid? ProgramToken { get; set; }

    /// <summary>Until when that claim holds, or held, in the database's clock; null if the host was never asked.</summary>
    [Column("program_until")]
    public DateTimeOffset? ProgramUntil { get; set; }

    /// <summary>Why the last programming failed.</summary>
    [Column("program_failure")]
    public string? ProgramFailure { get; set; }
}
