using System.Text.RegularExpressions;

namespace Cyborg.Drivers.Generic.Mdev;

/// <summary>Which mediated devices the mdev backend offers.</summary>
public sealed record MdevBackendOptions() : GenericBackendOptions(MdevBackend.BackendKind)
{
    /// <summary>Where sysfs is; <c>/sys</c>.</summary>
    public string SysfsRoot { get; init; } = "/sys";
    /// <summary>Types to offer and where; no parent occurs twice. None: nothing is offered.</summary>
    public IReadOnlyList<MdevType> Types { get; init; } = [];
    /// <summary>How a value is written to a file of sysfs; a test's kernel stands here.</summary>
    internal Action<string, string> Write { get; init; } = SysfsFile.Write;
}

/// <summary>A type of mediated device, and the PCI functions that are to offer it.</summary>
/// <param name="Name">Name of the type as the kernel has it, e.g. <c>nvidia-223</c>.</param>
/// <param name="Parents">PCI functions.</param>
public sealed partial record MdevType(string Name, IReadOnlyList<PciAddress> Parents)
{
    /// <summary>True if the kernel can have a type of this name: 1 to 64 letters, digits, <c>.</c>, <c>_</c> and <c>-</c>.</summary>
    public static bool IsName(string name) => NamePattern().IsMatch(name);

    /// <summary>Reads <c>enabled_vgpu_types</c> and each type's <c>device_addresses</c> (upstream: cyborg/conf/devices.py, and the errors of its NVIDIA
    /// driver). Tells every fault, one line each.</summary>
    /// <param name="types">Names of the types; a name given twice is one type.</param>
    /// <param name="addressesOf">A type's addresses as they are written.</param>
    public static (IReadOnlyList<MdevType> Types, IReadOnlyList<string> Faults) Parse(
        IReadOnlyList<string> types, Func<string, IReadOnlyList<string>> addressesOf)
    {
        var parsed = new List<MdevType>();
        var faults = new List<string>();
        var owners = new Dictionary<PciAddress, string>();
        foreach (var type in types.Distinct(StringComparer.Ordinal))
        {
            if (!IsName(type))
            {
                faults.Add($"'{type}' is no name of a type of mediated devices");
                continue;
            }
            var texts = addressesOf(type);
            if (texts.Count == 0)
                faults.Add($"type '{type}': give its device_addresses");
            parsed.Add(new MdevType(type, [.. texts.Select(text => Parent(type, text, owners, faults)).OfType<PciAddress>().Order()]));
        }
        return (parsed, faults);
    }

    private static PciAddress? Parent(string type, string text, Dictionary<PciAddress, string> owners, List<string> faults)
    {
        if (!PciAddress.TryParse(text, out var address))
            faults.Add($"type '{type}': '{text}' is no PCI address of the form 0000:84:00.0");
        else if (!owners.TryAdd(address, type))
            faults.Add($"type '{type}': {address} is given twice (first for '{owners[address]}'); a device offers one type");
        else
            return address;
        return null;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex NamePattern();
}
