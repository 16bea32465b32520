namespace Cyborg.Model;

/// <summary>Kind of a device, spelled as on the wire and in the database (upstream's enum).</summary>
public enum DeviceType
{
    /// <summary>Graphics processor.</summary>
    GPU,
    /// <summary>Field-programmable gate array.</summary>
    FPGA,
    /// <summary>Neural or tensor processor.</summary>
    AICHIP,
    /// <summary>Intel QuickAssist cryptography and compression.</summary>
    QAT,
    /// <summary>Network card.</summary>
    NIC,
    /// <summary>Solid-state drive.</summary>
    SSD,
}

/// <summary>A card on a host. One device has one or more deployables.</summary>
public sealed record Device
{
    /// <summary>Database key; visible only as <c>device_id</c> of a deployable.</summary>
    public required int Id { get; init; }
    /// <summary>Public identity.</summary>
    public required Guid Uuid { get; init; }
    /// <summary>Kind of device.</summary>
    public required DeviceType Type { get; init; }
    /// <summary>Vendor as the driver names it, usually a PCI vendor id.</summary>
    public required string Vendor { get; init; }
    /// <summary>Model as the driver names it.</summary>
    public required string Model { get; init; }
    /// <summary>Board facts, usually JSON text, handed out byte for byte.</summary>
    public string? StdBoardInfo { get; init; }
    /// <summary>Vendor's board facts, handed out byte for byte.</summary>
    public string? VendorBoardInfo { get; init; }
    /// <summary>Host that reported the device.</summary>
    public required string Hostname { get; init; }
    /// <summary>Where the device is in its life, see <see cref="DeviceStates"/>.</summary>
    public required DeviceState State { get; init; }
    /// <summary>Why the device is in <see cref="DeviceState.Error"/>; null otherwise.</summary>
    public string? StateReason { get; init; }
    /// <summary>True while the device has vanished from its host but something still holds it.</summary>
    public bool Missing { get; init; }
    /// <summary>When the row was written, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
    /// <summary>When the row last changed, UTC; null if never.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }
}
