using Cyborg.Model;
using LinqToDB.Mapping;

namespace Cyborg.Storage.Rows;

/// <summary>A card on a host, see <see cref="Device"/>.</summary>
[Table("devices")]
public sealed class DeviceRow : Row
{
    /// <summary>Public identity, unique.</summary>
    [Column("uuid", CanBeNull = false)]
    public Guid Uuid { get; set; }

    /// <summary>Kind of device.</summary>
    [Column("type", CanBeNull = false)]
    public DeviceType Type { get; set; }

    /// <summary>Vendor as the driver names it.</summary>
    [Column("vendor", CanBeNull = false)]
    public string Vendor { get; set; } = "";

    /// <summary>Model as the driver names it.</summary>
    [Column("model", CanBeNull = false)]
    public string Model { get; set; } = "";

    /// <summary>Board facts, handed out byte for byte.</summary>
    [Column("std_board_info")]
    public string? StdBoardInfo { get; set; }

    /// <summary>Vendor's board facts, handed out byte for byte.</summary>
    [Column("vendor_board_info")]
    public string? VendorBoardInfo { get; set; }

    /// <summary>Host that reported the device.</summary>
    [Column("hostname", CanBeNull = false)]
    public string Hostname { get; set; } = "";

    /// <summary>Name of the driver that found it: a report of one driver never removes another's devices.</summary>
    [Column("driver", CanBeNull = false)]
    public string Driver { get; set; } = "";

    /// <summary>Where the device is in its life.</summary>
    [Column("state", CanBeNull = false)]
    public DeviceState State { get; set; }

    /// <summary>Why the device is in <see cref="DeviceState.Error"/>; null otherwise.</summary>
    [Column("state_reason")]
    public string? StateReason { get; set; }

    /// <summary>True if it is the health probe's word that the device is in <see cref="DeviceState.Error"/>: then good probes make it ready again.</summary>
    [Column("ill", CanBeNull = false)]
    public bool Ill { get; set; }

    /// <summary>True while the device has vanished from its host but something still holds it.</summary>
    [Column("missing", CanBeNull = false)]
    public bool Missing { get; set; }
}
