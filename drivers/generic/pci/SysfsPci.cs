using System.Globalization;

namespace Cyborg.Drivers.Generic.Pci;

/// <summary>Reads PCI functions from sysfs (Linux: Documentation/ABI/testing/sysfs-bus-pci). Only files that the kernel answers from memory are read,
/// so a sick device cannot block it.</summary>
internal sealed class SysfsPci(string root)
{
    private readonly string _devices = Path.Combine(root, "bus/pci/devices");

    /// <summary>Addresses of the host's functions, sorted. Functions in domains above FFFF (disks behind Intel VMD) are left out: Nova has no
    /// way to name them.</summary>
    /// <exception cref="DriverException">There is no sysfs.</exception>
    public IReadOnlyList<PciAddress> Addresses()
    {
        if (!Directory.Exists(Path.Combine(root, "bus")))
            throw new DriverException($"There is no sysfs at {root}.");
        if (!Directory.Exists(_devices))
            return [];
        var addresses = new List<PciAddress>();
        foreach (var entry in Directory.EnumerateFileSystemEntries(_devices))
        {
            if (PciAddress.TryParse(Path.GetFileName(entry), out var address))
                addresses.Add(address);
        }
        addresses.Sort();
        return addresses;
    }

    /// <summary>True if the function is there.</summary>
    public bool Exists(PciAddress address) => Directory.Exists(Of(address));

    /// <summary>What identifies the function.</summary>
    /// <exception cref="SysfsException">A file is missing, unreadable or malformed.</exception>
    public PciFunction Identify(PciAddress address) => new(
        address,
        RequiredHex(address, "vendor"),
        RequiredHex(address, "device"),
        RequiredHex(address, "class"),
        LinkedAddress(address, "physfn"));

    /// <summary>Virtual functions that are enabled now, sorted.</summary>
    /// <exception cref="SysfsException">A link leads nowhere.</exception>
    public IReadOnlyList<PciAddress> VirtualFunctions(PciAddress address)
    {
        var functions = new List<PciAddress>();
        foreach (var entry in Directory.EnumerateFileSystemEntries(Of(address), "virtfn*"))
        {
            var name = Path.GetFileName(entry);
            if (LinkedAddress(address, name) is { } function)
                functions.Add(Exists(function) ? function : throw new SysfsException($"{name} leads to {function}, which is not there."));
        }
        functions.Sort();
        return functions;
    }

    /// <summary>True if the function has this network interface.</summary>
    public bool HasInterface(PciAddress address, string name) => Directory.Exists(Path.Combine(Of(address), "net", name));

    /// <summary>Further facts. A fact that is not there is left out quietly; one that is there and cannot be read is left out and told.</summary>
    public PciBoardFacts Facts(PciAddress address, Action<string> problem)
    {
        var subsystemVendor = Try(() => OptionalHex(address, "subsystem_vendor"));
        var subsystemDevice = Try(() => OptionalHex(address, "subsystem_device"));
        return new PciBoardFacts(
            Try(() => NumaNode(address)),
            Try(() => IommuGroup(address)),
            TryText(() => LinkName(address, "driver")),
            subsystemVendor is { } vendor && subsystemDevice is { } device ? $"{vendor:x4}:{device:x4}" : null);

        int? Try(Func<int?> read)
        {
            try
            {
                return read();
            }
            catch (SysfsException e)
            {
                problem(e.Message);
                return null;
            }
        }

        string? TryText(Func<string?> read)
        {
            try
            {
                return read();
            }
            catch (SysfsException e)
            {
                problem(e.Message);
                return null;
            }
        }
    }

    /// <summary>Figures that some graphics drivers keep beside a function (Linux: Documentation/gpu/amdgpu/thermal.rst and driver-misc.rst); what is
    /// not there, or cannot be read, is left out.</summary>
    public IReadOnlyDictionary<string, double> Usage(PciAddress address)
    {
        var figures = new SortedDictionary<string, double>(StringComparer.Ordinal);
        Take(UsageFigures.UtilizationPercent, "gpu_busy_percent");
        Take(UsageFigures.MemoryTotalBytes, "mem_info_vram_total");
        Take(UsageFigures.MemoryUsedBytes, "mem_info_vram_used");
        return figures;

        void Take(string figure, string file)
        {
            try
            {
                if (long.TryParse(Read(address, file), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
                    figures[figure] = value;
            }
            catch (SysfsException)
            {
                // A card that sleeps answers with an error: then nothing is known.
            }
        }
    }

    /// <summary>True if the function is the other, or a virtual function of it.</summary>
    /// <exception cref="SysfsException">What it is a virtual function of cannot be read.</exception>
    public bool IsOf(PciAddress function, PciAddress physical) => function == physical || LinkedAddress(function, "physfn") == physical;

    private string Of(PciAddress address) => Path.Combine(_devices, address.ToString());

    // The kernel says -1 where a device belongs to no node.
    private int? NumaNode(PciAddress address)
    {
        if (Read(address, "numa_node") is not { } text)
            return null;
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var node))
            throw new SysfsException("numa_node holds no number.");
        return node < 0 ? null : node;
    }

    private int? IommuGroup(PciAddress address)
    {
        if (LinkName(address, "iommu_group") is not { } name)
            return null;
        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var group)
            ? group
            : throw new SysfsException("iommu_group leads to no numbered group.");
    }

    private int RequiredHex(PciAddress address, string name) =>
        OptionalHex(address, name) ?? throw new SysfsException($"{name} is missing.");

    private int? OptionalHex(PciAddress address, string name)
    {
        if (Read(address, name) is not { } text)
            return null;
        var digits = text.StartsWith("0x", StringComparison.Ordinal) ? text.AsSpan(2) : text;
        var widest = name == "class" ? 0xFFFFFF : 0xFFFF;
        return int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && value >= 0 && value <= widest
            ? value
            : throw new SysfsException($"{name} holds no PCI id.");
    }

    private PciAddress? LinkedAddress(PciAddress address, string name)
    {
        if (LinkName(address, name) is not { } target)
            return null;
        return PciAddress.TryParse(target, out var linked) ? linked : throw new SysfsException($"{name} leads to no PCI function.");
    }

    /// <summary>Last part of what a link leads to; null if there is no such entry.</summary>
    private string? LinkName(PciAddress address, string name)
    {
        var path = Path.Combine(Of(address), name);
        if (new FileInfo(path).LinkTarget is { } target)
            return Path.GetFileName(target.TrimEnd('/'));
        return Path.Exists(path) ? throw new SysfsException($"{name} is no link.") : null;
    }

    private string? Read(PciAddress address, string name) => SysfsFile.Read(Path.Combine(Of(address), name));
}
