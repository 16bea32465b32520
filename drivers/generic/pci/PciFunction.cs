using System.Globalization;

namespace Cyborg.Drivers.Generic.Pci;

/// <summary>What identifies a PCI function.</summary>
/// <param name="Address">Its address.</param>
/// <param name="VendorId">Vendor.</param>
/// <param name="ProductId">Product.</param>
/// <param name="ClassCode">Class, sub-class and programming interface, 24 bits.</param>
/// <param name="PhysicalFunction">The SR-IOV function that this one is a virtual function of; null if it is none.</param>
internal sealed record PciFunction(PciAddress Address, int VendorId, int ProductId, int ClassCode, PciAddress? PhysicalFunction)
{
    /// <summary>Class and sub-class, 16 bits.</summary>
    public int Class => ClassCode >> 8;
    /// <summary>Vendor as four hex digits.</summary>
    public string VendorText => VendorId.ToString("x4", CultureInfo.InvariantCulture);
    /// <summary>Product as four hex digits.</summary>
    public string ProductText => ProductId.ToString("x4", CultureInfo.InvariantCulture);
}

/// <summary>Further facts about a PCI function; what the host does not tell is null.</summary>
/// <param name="NumaNode">NUMA node.</param>
/// <param name="IommuGroup">IOMMU group.</param>
/// <param name="Driver">Kernel driver in use.</param>
/// <param name="Subsystem">Subsystem vendor and device, e.g. <c>10de:12a2</c>.</param>
internal sealed record PciBoardFacts(int? NumaNode, int? IommuGroup, string? Driver, string? Subsystem);
