using System.Globalization;

namespace Cyborg.Drivers.Generic.Mdev;

/// <summary>Mediated devices in sysfs (Linux: Documentation/ABI/testing/sysfs-bus-vfio-mdev).</summary>
internal sealed class SysfsMdev(string root)
{
    private readonly string _parents = Path.Combine(root, "class/mdev_bus");
    private readonly string _devices = Path.Combine(root, "bus/mdev/devices");

    /// <summary>False if there is no sysfs at all: then nothing can be said.</summary>
    public bool IsThere => Directory.Exists(Path.Combine(root, "bus"));

    /// <summary>True if the function offers mediated devices of any type.</summary>
    public bool IsParent(PciAddress parent) => Directory.Exists(TypesOf(parent));

    /// <summary>True if the function offers the type.</summary>
    public bool Offers(PciAddress parent, string type) => Directory.Exists(TypeOf(parent, type));

    /// <summary>Types that the function offers, sorted.</summary>
    public IReadOnlyList<string> Types(PciAddress parent)
    {
        try
        {
            return [.. Directory.EnumerateDirectories(TypesOf(parent)).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <summary>The type's name for people, e.g. <c>GRID T4-1B</c>; null if its driver gives none.</summary>
    /// <exception cref="SysfsException">It cannot be read.</exception>
    public string? TypeName(PciAddress parent, string type) =>
        SysfsFile.Read(Path.Combine(TypeOf(parent, type), "name")) is { Length: > 0 } name ? name : null;

    /// <summary>How many devices of the type there are, and how many more can be made.</summary>
    /// <exception cref="SysfsException">It cannot be read.</exception>
    public (int Made, int Available) Count(PciAddress parent, string type)
    {
        var text = SysfsFile.Read(Path.Combine(TypeOf(parent, type), "available_instances"))
            ?? throw new SysfsException($"available_instances of type {type} is missing.");
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var available))
            throw new SysfsException($"available_instances of type {type} holds no number.");
        try
        {
            var devices = Path.Combine(TypeOf(parent, type), "devices");
            return (Directory.Exists(devices) ? Directory.EnumerateFileSystemEntries(devices).Count() : 0, available);
        }
        catch (IOException e)
        {
            throw new SysfsException($"the devices of type {type} cannot be listed.", e);
        }
    }

    /// <summary>True if the device is there, of this type and parent.</summary>
    public bool Has(PciAddress parent, string type, Guid device) => Directory.Exists(DeviceOf(parent, type, device));

    /// <summary>True if the device is there, of whatever type and parent.</summary>
    public bool Has(Guid device) => Directory.Exists(Path.Combine(_devices, device.ToString()));

    /// <summary>The file that makes a device of the type when its uuid is written there.</summary>
    public string CreateFile(PciAddress parent, string type) => Path.Combine(TypeOf(parent, type), "create");

    /// <summary>The file that removes the device when 1 is written there.</summary>
    public string RemoveFile(PciAddress parent, string type, Guid device) => Path.Combine(DeviceOf(parent, type, device), "remove");

    private string TypesOf(PciAddress parent) => Path.Combine(_parents, parent.ToString(), "mdev_supported_types");

    private string TypeOf(PciAddress parent, string type) => Path.Combine(TypesOf(parent), type);

    private string DeviceOf(PciAddress parent, string type, Guid device) => Path.Combine(TypeOf(parent, type), "devices", device.ToString());
}
