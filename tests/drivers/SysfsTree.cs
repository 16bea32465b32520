namespace Cyborg.Drivers.Tests;

/// <summary>A sysfs in a temporary folder, with the shapes of real hosts: functions live under /sys/devices and are linked from /sys/bus/pci/devices.
/// Root reads files of any mode, so what a test cannot read is a link to nowhere or a folder in a file's place.</summary>
internal sealed class SysfsTree : IDisposable
{
    public SysfsTree()
    {
        Root = Directory.CreateTempSubdirectory("cyborg-sysfs-").FullName;
        Directory.CreateDirectory(Path.Combine(Root, "bus/pci/devices"));
    }

    public string Root { get; }

    public SysfsFunction Add(string address, string vendor, string device, string classCode) => AddBehind($"pci{address[..7]}", address, vendor, device, classCode);

    /// <summary>A function behind a bridge or root port, e.g. <c>pci0000:00/0000:00:01.0</c>.</summary>
    public SysfsFunction AddBehind(string parent, string address, string vendor, string device, string classCode)
    {
        var folder = Path.Combine(Root, "devices", parent, address);
        Directory.CreateDirectory(folder);
        File.CreateSymbolicLink(Path.Combine(Root, "bus/pci/devices", address), $"../../../devices/{parent}/{address}");
        return new SysfsFunction(this, address, folder)
            .With("vendor", vendor).With("device", device).With("class", classCode).With("numa_node", "-1").With("config", "not read");
    }

    public void Remove(string address)
    {
        var entry = Path.Combine(Root, "bus/pci/devices", address);
        var folder = new FileInfo(entry).ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        File.Delete(entry);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Unmounts it, so to speak.</summary>
    public void Hide() => Directory.Move(Root, Root + ".hidden");

    public void Show() => Directory.Move(Root + ".hidden", Root);

    public void Dispose()
    {
        foreach (var root in new[] { Root, Root + ".hidden" })
        {
            if (Directory.Exists(root))
                Directory.Delete(root, recursive: true);
        }
    }
}

internal sealed class SysfsFunction(SysfsTree tree, string address, string folder)
{
    public SysfsFunction With(string file, string text)
    {
        File.WriteAllText(Path.Combine(folder, file), text + "\n");
        return this;
    }

    public SysfsFunction Without(string file)
    {
        File.Delete(Path.Combine(folder, file));
        return this;
    }

    public SysfsFunction WithFolderInPlaceOf(string file)
    {
        Without(file);
        Directory.CreateDirectory(Path.Combine(folder, file));
        return this;
    }

    public SysfsFunction WithLink(string name, string target)
    {
        Without(name);
        File.CreateSymbolicLink(Path.Combine(folder, name), target);
        return this;
    }

    public SysfsFunction WithDanglingLinkInPlaceOf(string file) => WithLink(file, "../nowhere");

    public SysfsFunction WithDriver(string name) => WithLink("driver", $"../../../bus/pci/drivers/{name}");

    public SysfsFunction WithIommuGroup(int group) => WithLink("iommu_group", $"../../../kernel/iommu_groups/{group}");

    public SysfsFunction WithInterface(string name)
    {
        Directory.CreateDirectory(Path.Combine(folder, "net", name));
        return this;
    }

    /// <summary>Turns on SR-IOV: the virtual functions are siblings of this one, linked both ways.</summary>
    public SysfsFunction WithVirtualFunctions(string vendor, string device, string classCode, params string[] addresses)
    {
        var parent = Path.GetRelativePath(Path.Combine(tree.Root, "devices"), Path.GetDirectoryName(folder)!);
        With("sriov_totalvfs", "16").With("sriov_numvfs", $"{addresses.Length}");
        for (var i = 0; i < addresses.Length; i++)
        {
            tree.AddBehind(parent, addresses[i], vendor, device, classCode).WithLink("physfn", $"../{address}");
            WithLink($"virtfn{i}", $"../{addresses[i]}");
        }
        return this;
    }
}
