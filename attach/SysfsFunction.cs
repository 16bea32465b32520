using System.Text;
using System.Text.RegularExpressions;

namespace Cyborg.Attach;

/// <summary>One PCI function in sysfs (Linux: Documentation/ABI/testing/sysfs-bus-pci).</summary>
internal sealed partial class SysfsFunction
{
    private const int MaxFile = 4096;

    private readonly string _bus;
    private readonly string _folder;
    private readonly Action<string, string> _write;

    public SysfsFunction(PciBinderOptions options, string address)
    {
        Address = address;
        _bus = Path.Combine(options.SysfsRoot, "bus/pci");
        _folder = Path.Combine(_bus, "devices", address);
        _write = options.Write;
    }

    public string Address { get; }

    public bool Exists => Directory.Exists(_folder);

    /// <summary>Vendor and device, e.g. <c>0x10de:0x1eb8</c>: tells one card from the next one in its slot.</summary>
    public string Identity => $"{Read("vendor")}:{Read("device")}";

    /// <summary>PCI class 06 and others whose devices stand between the host and further devices.</summary>
    public bool IsBridge => Read("class") is { } code && code.StartsWith("0x06", StringComparison.Ordinal);

    /// <summary>True if it has virtual functions now.</summary>
    public bool HasVirtualFunctions => Read("sriov_numvfs") is not (null or "0");

    public PciBinding Binding => new(LinkName("driver"), Read("driver_override") is { Length: > 0 } name && name != "(null)" ? name : null);

    public static bool IsAddress(string address) => AddressPattern().IsMatch(address);

    public bool HasDriver(string driver) => Directory.Exists(Path.Combine(_bus, "drivers", driver));

    /// <summary>The IOMMU group's number as text; null if there is none.</summary>
    public string? Group => LinkName("iommu_group");

    /// <summary>Addresses of the functions of the IOMMU group that are not this one, sorted.</summary>
    public IReadOnlyList<string> Neighbours()
    {
        var devices = Path.Combine(_folder, "iommu_group/devices");
        return Directory.Exists(devices)
            ? [.. Directory.EnumerateFileSystemEntries(devices).Select(Path.GetFileName).OfType<string>()
                .Where(name => name != Address && IsAddress(name)).Order(StringComparer.Ordinal)]
            : [];
    }

    /// <summary>Lets the kernel bind the function to one driver only; null lets it choose.</summary>
    public void Override(string? driver) => _write(Path.Combine(_folder, "driver_override"), driver ?? "\n");

    /// <summary>Takes the function from its driver.</summary>
    public void Unbind() => _write(Path.Combine(_folder, "driver/unbind"), Address);

    /// <summary>Gives the function to a driver.</summary>
    public void Bind(string driver) => _write(Path.Combine(_bus, "drivers", driver, "bind"), Address);

    /// <summary>Lets the kernel look for a driver.</summary>
    public void Probe() => _write(Path.Combine(_bus, "drivers_probe"), Address);

    /// <summary>Writes a value in one piece, as the kernel wants it, to a file that is there.</summary>
    public static void WriteFile(string path, string value)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(Encoding.ASCII.GetBytes(value));
    }

    private string? LinkName(string name) =>
        new FileInfo(Path.Combine(_folder, name)).LinkTarget is { } target ? Path.GetFileName(target.TrimEnd('/')) : null;

    private string? Read(string name)
    {
        try
        {
            using var file = new FileStream(Path.Combine(_folder, name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            var buffer = new byte[MaxFile];
            return Encoding.ASCII.GetString(buffer, 0, file.ReadAtLeast(buffer, MaxFile, throwOnEndOfStream: false)).Trim();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PciBindException(PciBindError.Unreadable, $"{Address}: {name} cannot be read.", e);
        }
    }

    [GeneratedRegex(@"\A[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]\z")]
    private static partial Regex AddressPattern();
}
