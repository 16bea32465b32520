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

    /// <summary>Image that a bind has programmed it with, if any.</summary>
    [Column("bitstream_id")]
    public string? BitstreamId { get; set; }
}
