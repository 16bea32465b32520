using Cyborg.Model;

namespace Cyborg.Drivers.Generic.Pci;

/// <summary>As what a matching device is offered.</summary>
/// <param name="Type">Kind of device.</param>
/// <param name="ResourceClass">Resource class; null for the type's.</param>
/// <param name="Traits">Traits beside the usual ones.</param>
internal sealed record PciOffer(DeviceType Type, string? ResourceClass, IReadOnlyList<string> Traits);

/// <summary>Makes a device's report from what was read; pure.</summary>
internal static class PciDevices
{
    /// <summary>The device with its one deployable. With virtual functions those are the handles, otherwise the function itself is.</summary>
    public static DriverDevice Describe(
        string host, PciFunction function, PciBoardFacts facts, IReadOnlyList<PciAddress> virtualFunctions, PciOffer offer)
    {
        IReadOnlyList<PciAddress> handles = virtualFunctions.Count > 0 ? virtualFunctions : [function.Address];
        return new DriverDevice
        {
            Vendor = function.VendorText,
            Model = function.ProductText,
            Type = offer.Type,
            StdBoardInfo = IdentityJson.Write(BoardInfo(function, facts)),
            VendorBoardInfo = "miss_vb_info",
            ControlPath = function.Address.ToControlPath(),
            Deployables =
            [
                new DriverDeployable
                {
                    Name = $"{host}_{function.Address}",
                    NumAccelerators = handles.Count,
                    DriverName = PciClasses.Vendor(function)?.ToUpperInvariant() ?? function.VendorText,
                    Attributes = Attributes(function, offer),
                    AttachHandles = [.. handles.Select(address => new DriverAttachHandle(AttachHandleType.PCI, address.ToInfo()))],
                },
            ],
        };
    }

    /// <summary>What is known of the board, as members of <c>std_board_info</c>.</summary>
    public static List<(string Key, object Value)> BoardInfo(PciFunction function, PciBoardFacts facts)
    {
        List<(string, object)> members =
        [
            ("class", $"0x{function.ClassCode:x6}"), ("controller", PciClasses.Controller(function)), ("product_id", function.ProductText),
        ];
        if (facts.Driver is { } driver)
            members.Add(("driver", driver));
        if (facts.IommuGroup is { } group)
            members.Add(("iommu_group", group));
        if (facts.NumaNode is { } node)
            members.Add(("numa_node", node));
        if (facts.Subsystem is { } subsystem)
            members.Add(("subsystem", subsystem));
        return members;
    }

    // CUSTOM_PCI_VENDOR and CUSTOM_PCI_PRODUCT_ID_* are the traits of upstream's pci driver, CUSTOM_VENDOR_PRODUCT those of its GPU driver:
    // profiles written for either find the device.
    private static List<DriverAttribute> Attributes(PciFunction function, PciOffer offer)
    {
        var vendor = PciClasses.Vendor(function) ?? function.VendorText;
        IEnumerable<string> traits =
        [
            PlacementNames.OwnerTrait,
            PlacementNames.Custom("PCI", vendor),
            PlacementNames.Custom("PCI_PRODUCT_ID", function.ProductText),
            PlacementNames.Custom(vendor, function.ProductText),
            .. offer.Traits,
        ];
        return
        [
            new DriverAttribute("rc", offer.ResourceClass ?? PciClasses.ResourceClass(offer.Type)),
            .. traits.Distinct(StringComparer.Ordinal).Select((trait, i) => new DriverAttribute($"trait{i}", trait)),
        ];
    }
}
