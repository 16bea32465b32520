using LinqToDB.Mapping;

namespace Cyborg.Storage.Rows;

/// <summary>How the host's driver reaches a device.</summary>
[Table("controlpath_ids")]
public sealed class ControlPathRow : Row
{
    /// <summary>Public identity, unique.</summary>
    [Column("uuid", CanBeNull = false)]
    public Guid Uuid { get; set; }

    /// <summary>Key of the device.</summary>
    [Column("device_id", CanBeNull = false)]
    public int DeviceId { get; set; }

    /// <summary>Kind of address, <c>PCI</c> so far.</summary>
    [Column("cpid_type", CanBeNull = false)]
    public string CpidType { get; set; } = "";

    /// <summary>JSON text of the address, handed out byte for byte.</summary>
    [Column("cpid_info", CanBeNull = false)]
    public string CpidInfo { get; set; } = "";
}
