using Cyborg.Model;

namespace Cyborg.Drivers.Generic.Pci;

/// <summary>Which PCI devices to offer, and as what: one object of <c>[pci] passthrough_whitelist</c>, or its word <c>auto</c>.</summary>
public sealed record PciDeviceSpec
{
    /// <summary>How a value of <c>[pci] passthrough_whitelist</c> is written, for the help of that option.</summary>
    public const string Syntax =
        """
        A JSON object, a list of them, or the word auto; the option may be repeated. Empty: no device is offered. Keys of an object:
        vendor_id, product_id: up to four hex digits, or * (default);
        address: dddd:bb:ss.f where a field may be * and fields may be absent from the left (*:84:*.*, 84:00.0, .1), or an object of regular expressions
        {"domain": ".*", "bus": "8[4-7]", "slot": "00", "function": "0"}, matched at the start of the field;
        devname: name of the device's network interface, instead of address;
        type: GPU, FPGA, AICHIP, QAT, NIC or SSD, instead of what the PCI class says;
        resource_class: PGPU, VGPU, FPGA or CUSTOM_*, instead of the type's;
        traits: further traits, a list or a text with commas.
        Other keys are tags of Nova's and are ignored. auto offers display and 3D controllers (but not a server's or virtual machine's console),
        processing accelerators (class 12) and co-processors (class 0b40).
        """;

    /// <summary>The word that stands for <see cref="Auto"/>.</summary>
    public const string AutoWord = "auto";

    /// <summary>Vendor id; null for any.</summary>
    public int? VendorId { get; init; }
    /// <summary>Product id; null for any.</summary>
    public int? ProductId { get; init; }
    /// <summary>Addresses.</summary>
    public PciAddressPattern Address { get; init; } = PciAddressPattern.Any;
    /// <summary>Network interface that the device must have; null for any device.</summary>
    public string? Interface { get; init; }
    /// <summary>True: only what is an accelerator by its PCI class, see <see cref="Syntax"/>.</summary>
    public bool Auto { get; init; }
    /// <summary>Kind of device; null for what the PCI class says.</summary>
    public DeviceType? Type { get; init; }
    /// <summary>Resource class; null for the type's.</summary>
    public string? ResourceClass { get; init; }
    /// <summary>Traits beside the usual ones.</summary>
    public IReadOnlyList<string> Traits { get; init; } = [];

    internal bool Matches(PciFunction function) =>
        (VendorId is null || VendorId == function.VendorId)
        && (ProductId is null || ProductId == function.ProductId)
        && Address.Matches(function.Address)
        && (!Auto || PciClasses.IsAccelerator(function));
}
