using System.Globalization;

namespace Cyborg.Drivers.Tests;

/// <summary>The kernel's part of mediated devices on a built sysfs: what is written to <c>create</c> and <c>remove</c> has its effect at once.</summary>
internal sealed class MdevKernel(SysfsTree tree)
{
    private readonly Lock _gate = new();

    public List<string> Writes { get; } = [];

    /// <summary>True: the kernel refuses every write.</summary>
    public bool Refuses { get; set; }

    /// <summary>Adds a graphics card whose driver offers a type of mediated device.</summary>
    public SysfsFunction AddParent(string address, string type, string name, int instances)
    {
        var function = tree.Add(address, "0x10de", "0x1eb8", "0x030200");
        AddType(address, type, name, instances);
        return function;
    }

    public void AddType(string address, string type, string? name, int instances)
    {
        var parents = Directory.CreateDirectory(Path.Combine(tree.Root, "class/mdev_bus")).FullName;
        var device = Path.GetFullPath(Path.Combine(tree.Root, "bus/pci/devices", new FileInfo(Path.Combine(tree.Root, "bus/pci/devices", address)).LinkTarget!));
        if (!Directory.Exists(Path.Combine(parents, address)))
            File.CreateSymbolicLink(Path.Combine(parents, address), device);
        var folder = Directory.CreateDirectory(Path.Combine(device, "mdev_supported_types", type)).FullName;
        Directory.CreateDirectory(Path.Combine(folder, "devices"));
        if (name is not null)
            File.WriteAllText(Path.Combine(folder, "name"), name + "\n");
        File.WriteAllText(Path.Combine(folder, "available_instances"), $"{instances}\n");
        File.WriteAllText(Path.Combine(folder, "create"), "");
    }

    public void Write(string path, string value)
    {
        lock (_gate)
        {
            Writes.Add($"{Path.GetRelativePath(tree.Root, path)} <- {value}");
            if (Refuses)
                throw new IOException($"Device or resource busy : '{path}'");
            if (!File.Exists(path))
                throw new FileNotFoundException($"Could not find file '{path}'.");
            if (Path.GetFileName(path) == "create")
                Create(Path.GetDirectoryName(path)!, Guid.Parse(value));
            else
                Remove(Path.GetDirectoryName(path)!);
        }
    }

    /// <summary>Mediated devices that there are, sorted.</summary>
    public IReadOnlyList<string> Devices =>
        Directory.Exists(All) ? [.. Directory.EnumerateFileSystemEntries(All).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)] : [];

    private string All => Path.Combine(tree.Root, "bus/mdev/devices");

    private void Create(string type, Guid uuid)
    {
        var left = Left(type);
        if (left == 0)
            throw new IOException("No space left on device");
        if (Directory.Exists(Path.Combine(All, uuid.ToString())))
            throw new IOException("File exists");
        var device = Directory.CreateDirectory(Path.Combine(type, "devices", uuid.ToString())).FullName;
        File.WriteAllText(Path.Combine(device, "remove"), "");
        Directory.CreateDirectory(All);
        File.CreateSymbolicLink(Path.Combine(All, uuid.ToString()), device);
        File.WriteAllText(Path.Combine(type, "available_instances"), $"{left - 1}\n");
    }

    private void Remove(string device)
    {
        var type = Path.GetDirectoryName(Path.GetDirectoryName(device)!)!;
        Directory.Delete(device, recursive: true);
        File.Delete(Path.Combine(All, Path.GetFileName(device)));
        File.WriteAllText(Path.Combine(type, "available_instances"), $"{Left(type) + 1}\n");
    }

    private static int Left(string type) => int.Parse(File.ReadAllText(Path.Combine(type, "available_instances")), CultureInfo.InvariantCulture);
}
