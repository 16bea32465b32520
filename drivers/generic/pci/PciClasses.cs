using System.Globalization;
using Cyborg.Model;

namespace Cyborg.Drivers.Generic.Pci;

/// <summary>What PCI class codes and ids say of a device (PCI Code and ID Assignment Specification; names as lspci prints them).</summary>
internal static class PciClasses
{
    private static readonly Dictionary<int, string> Controllers = new()
    {
        [0x0106] = "SATA controller",
        [0x0108] = "Non-Volatile memory controller",
        [0x0200] = "Ethernet controller",
        [0x0207] = "Infiniband controller",
        [0x0280] = "Network controller",
        [0x0300] = "VGA compatible controller",
        [0x0301] = "XGA compatible controller",
        [0x0302] = "3D controller",
        [0x0380] = "Display controller",
        [0x0b40] = "Co-processor",
        [0x1000] = "Network and computing encryption device",
        [0x1080] = "Encryption controller",
        [0x1200] = "Processing accelerators",
    };

    // Upstream's names (drivers.md: common constants and the pci driver's own), and vendors of today's accelerators.
    private static readonly Dictionary<int, string> Vendors = new()
    {
        [0x10de] = "nvidia",
        [0x102b] = "matrox",
        [0x1bd4] = "inspur",
        [0x8086] = "intel",
        [0x1099] = "samsung",
        [0x1cf2] = "zte",
        [0x10ee] = "xilinx",
        [0x19e5] = "huawei",
        [0x1002] = "amd",
        [0x15b3] = "mellanox",
    };

    // Makers of class 1200 devices that are programmable arrays: Xilinx, Altera, Inspur. Intel makes others of that class, too: only its
    // acceleration cards (PAC Arria 10 and its VF, PAC N3000, PAC D5005 and its VF, DFL cards) are.
    private static readonly HashSet<int> FpgaVendors = [0x10ee, 0x1172, 0x1bd4];
    private static readonly HashSet<int> IntelFpgas = [0x09c4, 0x09c5, 0x0b30, 0x0b31, 0x0b2b, 0x0b2c, 0xbcce, 0xbccf];

    // Display controllers that only show a console: ASPEED, Matrox (server management), and the ones of hypervisors: QEMU, Cirrus, virtio, QXL,
    // VMware, VirtualBox, Hyper-V.
    private static readonly HashSet<int> ConsoleVendors = [0x1a03, 0x102b, 0x1234, 0x1013, 0x1af4, 0x1b36, 0x15ad, 0x80ee, 0x1414];

    /// <summary>The class as words, e.g. <c>3D controller</c>; <c>Class 0880</c> if it has none here.</summary>
    public static string Controller(PciFunction function) =>
        Controllers.GetValueOrDefault(function.Class, "Class " + function.Class.ToString("x4", CultureInfo.InvariantCulture));

    /// <summary>The vendor's name in lower case; null if it has none here.</summary>
    public static string? Vendor(PciFunction function) => Vendors.GetValueOrDefault(function.VendorId);

    /// <summary>A bridge: part of the way to devices, never handed to a virtual machine.</summary>
    public static bool IsBridge(PciFunction function) => function.Class >> 8 == 0x06;

    /// <summary>What the word <c>auto</c> means: displays without mere consoles, processing accelerators, co-processors.</summary>
    public static bool IsAccelerator(PciFunction function) => (function.Class >> 8) switch
    {
        0x03 => !ConsoleVendors.Contains(function.VendorId),
        0x12 => true,
        _ => function.Class == 0x0b40,
    };

    /// <summary>The kind of device; null if the class does not tell. Class 1200 holds FPGAs, neural processors and some GPUs alike: known makers
    /// of FPGAs are FPGA, AMD's (Instinct) are GPU, all others AICHIP. Co-processors and encryption controllers are QAT, the only kind
    /// of that sort there is.</summary>
    public static DeviceType? Type(PciFunction function) => (function.Class >> 8, function.Class & 0xff) switch
    {
        (0x03, _) => DeviceType.GPU,
        (0x12, _) when IsFpga(function) => DeviceType.FPGA,
        (0x12, _) => function.VendorId == 0x1002 ? DeviceType.GPU : DeviceType.AICHIP,
        (0x0b, 0x40) or (0x10, _) => DeviceType.QAT,
        (0x02, _) => DeviceType.NIC,
        (0x01, 0x08) => DeviceType.SSD,
        _ => null,
    };

    /// <summary>The resource class of a kind of device: upstream's, and CUSTOM_NPU for AICHIP where upstream has none.</summary>
    public static string ResourceClass(DeviceType type) => type switch
    {
        DeviceType.GPU => "PGPU",
        DeviceType.FPGA => "FPGA",
        DeviceType.AICHIP => "CUSTOM_NPU",
        _ => PlacementNames.Custom(type.ToString()),
    };

    private static bool IsFpga(PciFunction function) =>
        FpgaVendors.Contains(function.VendorId) || (function.VendorId == 0x8086 && IntelFpgas.Contains(function.ProductId));
}
