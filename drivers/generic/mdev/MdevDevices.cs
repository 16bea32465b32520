using Cyborg.Drivers.Generic.Pci;
using Cyborg.Model;

namespace Cyborg.Drivers.Generic.Mdev;

/// <summary>Makes the report of a parent of mediated devices from what was read; pure.</summary>
internal static class MdevDevices
{
    /// <summary>The parent with its one deployable: a handle for each device of the type that there is or can be (upstream: nvidia/sysinfo.py).</summary>
    public static DriverDevice Describe(string host, PciFunction parent, PciBoardFacts facts, string type, string? typeName, int count)
    {
        var vendor = PciClasses.Vendor(parent) ?? parent.VendorText;
        string[] traits = [PlacementNames.OwnerTrait, PlacementNames.Custom(vendor, parent.ProductText, Short(typeName) ?? type)];
        return new DriverDevice
        {
            Vendor = parent.VendorText,
            Model = parent.ProductText,
            Type = PciClasses.Type(parent) ?? DeviceType.GPU,
            StdBoardInfo = IdentityJson.Write([.. PciDevices.BoardInfo(parent, facts), ("mdev_type", type)]),
            VendorBoardInfo = "miss_vb_info",
            ControlPath = parent.Address.ToControlPath(),
            Deployables =
            [
                new DriverDeployable
                {
                    Name = $"{host}_{parent.Address}",
                    NumAccelerators = count,
                    DriverName = PciClasses.Vendor(parent)?.ToUpperInvariant() ?? parent.VendorText,
                    Attributes = [new DriverAttribute("rc", "VGPU"), .. traits.Select((trait, i) => new DriverAttribute($"trait{i}", trait))],
                    AttachHandles = [.. Enumerable.Range(0, count).Select(index => MdevHandle.Make(parent.Address, type, index))],
                },
            ],
        };
    }

    // "GRID T4-1B" is a T4-1B; other names have one word.
    private static string? Short(string? typeName)
    {
        var words = typeName?.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        return words.Length switch { 0 => null, 1 => words[0], _ => words[1] };
    }
}
