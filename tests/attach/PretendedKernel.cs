using System.Globalization;

namespace Cyborg.Attach.Tests;

/// <summary>A host's sysfs in a temporary folder, and the kernel behind it: what is written to <c>bind</c>, <c>unbind</c>, <c>driver_override</c> and
/// <c>drivers_probe</c> has its effect at once, as on a real host. It can refuse writes, and "kill" the process at one.</summary>
internal sealed class PretendedKernel : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string?> _natural = [];
    private string _folder = "";

    public PretendedKernel()
    {
        Folder = Directory.CreateTempSubdirectory("cyborg-attach-").FullName;
        Directory.CreateDirectory(Path.Combine(Bus, "devices"));
        Directory.CreateDirectory(Path.Combine(Bus, "drivers"));
        File.WriteAllText(Path.Combine(Bus, "drivers_probe"), "");
        Boot("boot-1");
    }

    public string Folder { get => _folder; private set => _folder = value; }

    public string Sysfs => Path.Combine(Folder, "sys");

    public string Notes => Path.Combine(Folder, "notes");

    public string BootIdFile => Path.Combine(Folder, "boot_id");

    /// <summary>Every write that came through, in order.</summary>
    public List<string> Writes { get; } = [];

    /// <summary>Writes that the kernel refuses.</summary>
    public Func<string, string, bool> Refuses { get; set; } = (_, _) => false;

    /// <summary>The process dies at this write, counted from 0; before it has its effect, or after.</summary>
    public (int Write, bool After)? KilledAt { get; set; }

    private string Bus => Path.Combine(Sysfs, "bus/pci");

    public PciBinder Binder(Func<PciBinderOptions, PciBinderOptions>? change = null)
    {
        var options = new PciBinderOptions { SysfsRoot = Sysfs, StateFolder = Notes, BootIdFile = BootIdFile, Write = Write };
        return new PciBinder(change is null ? options : change(options));
    }

    public void Boot(string id) => File.WriteAllText(BootIdFile, id + "\n");

    public PretendedKernel WithDriver(params string[] names)
    {
        foreach (var name in names)
        {
            var folder = Directory.CreateDirectory(Path.Combine(Bus, "drivers", name)).FullName;
            File.WriteAllText(Path.Combine(folder, "bind"), "");
            File.WriteAllText(Path.Combine(folder, "unbind"), "");
        }
        return this;
    }

    public void UnloadDriver(string name) => Directory.Delete(Path.Combine(Bus, "drivers", name), recursive: true);

    /// <summary>Plugs a function in.</summary>
    /// <param name="address">Where.</param>
    /// <param name="natural">Driver that the kernel chooses for it; null if it has none.</param>
    /// <param name="group">IOMMU group; null if there is no IOMMU.</param>
    /// <param name="classCode">PCI class.</param>
    public PretendedKernel WithFunction(string address, string? natural, int? group = 7, string classCode = "0x030200")
    {
        var folder = Directory.CreateDirectory(Of(address)).FullName;
        File.WriteAllText(Path.Combine(folder, "vendor"), "0x10de\n");
        File.WriteAllText(Path.Combine(folder, "device"), "0x1eb8\n");
        File.WriteAllText(Path.Combine(folder, "class"), classCode + "\n");
        File.WriteAllText(Path.Combine(folder, "driver_override"), "(null)\n");
        _natural[address] = natural;
        if (natural is not null)
            Give(address, natural);
        if (group is { } number)
        {
            var devices = Directory.CreateDirectory(Path.Combine(Sysfs, "kernel/iommu_groups", number.ToString(CultureInfo.InvariantCulture), "devices"));
            File.CreateSymbolicLink(Path.Combine(devices.FullName, address), Of(address));
            File.CreateSymbolicLink(Path.Combine(folder, "iommu_group"), Path.GetDirectoryName(devices.FullName)!);
        }
        return this;
    }

    public void Set(string address, string file, string value) => File.WriteAllText(Path.Combine(Of(address), file), value + "\n");

    public void Unplug(string address) => Directory.Delete(Of(address), recursive: true);

    public void Write(string path, string value)
    {
        lock (_gate)
        {
            var die = KilledAt is { } at && at.Write == Writes.Count ? at : ((int, bool After)?)null;
            if (die is { After: false })
                throw new KilledException();
            Writes.Add($"{Path.GetRelativePath(Bus, path)} <- {value.Trim()}");
            if (Refuses(path, value))
                throw new IOException($"Device or resource busy : '{path}'");
            if (!File.Exists(path))
                throw new FileNotFoundException($"Could not find file '{path}'.");
            Act(path, value.Trim());
            if (die is not null)
                throw new KilledException();
        }
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private void Act(string path, string value)
    {
        switch (Path.GetFileName(path))
        {
            case "driver_override":
                File.WriteAllText(path, value.Length == 0 ? "(null)\n" : value + "\n");
                break;
            case "unbind":
                if (Driver(value) is null)
                    throw new IOException("No such device");
                File.Delete(Path.Combine(Of(value), "driver"));
                break;
            case "bind":
                var driver = Path.GetFileName(Path.GetDirectoryName(path)!);
                if (Driver(value) is not null)
                    throw new IOException("Device or resource busy");
                if (Override(value) is { } only ? only != driver : _natural[value] != driver)
                    throw new IOException("No such device");
                Give(value, driver);
                break;
            case "drivers_probe":
                var choice = Override(value) ?? _natural[value];
                if (Driver(value) is null && choice is not null && Directory.Exists(Path.Combine(Bus, "drivers", choice)))
                    Give(value, choice);
                break;
        }
    }

    private string? Override(string address)
    {
        var text = File.ReadAllText(Path.Combine(Of(address), "driver_override")).Trim();
        return text is "(null)" or "" ? null : text;
    }

    private string? Driver(string address) => new FileInfo(Path.Combine(Of(address), "driver")).LinkTarget is { } target ? Path.GetFileName(target) : null;

    private void Give(string address, string driver) =>
        File.CreateSymbolicLink(Path.Combine(Of(address), "driver"), Path.Combine(Bus, "drivers", driver));

    private string Of(string address) => Path.Combine(Bus, "devices", address);
}

/// <summary>Stands for SIGKILL: nothing of the library may catch it.</summary>
internal sealed class KilledException : Exception;
