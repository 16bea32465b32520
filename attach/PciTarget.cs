using System.Text.RegularExpressions;

namespace Cyborg.Attach;

/// <summary>What a PCI function is to be bound to.</summary>
public sealed partial record PciTarget
{
    private PciTarget(string? name) => Name = name;

    /// <summary>The driver that the kernel chooses for the device by itself: it becomes a device of this host.</summary>
    public static PciTarget Own { get; } = new((string?)null);

    /// <summary><c>vfio-pci</c>: a program, such as a hypervisor, gets the function whole.</summary>
    public static PciTarget Vfio { get; } = new("vfio-pci");

    /// <summary>Name of the driver; null for the kernel's choice.</summary>
    public string? Name { get; }

    /// <summary>True if the driver gives the function to programs of user space, so that its IOMMU group has to be free of other drivers.</summary>
    public bool IsUserSpace => Name is not null && Name.StartsWith("vfio", StringComparison.Ordinal);

    /// <summary>A driver by its name in <c>/sys/bus/pci/drivers</c>.</summary>
    /// <exception cref="ArgumentException">It is no such name.</exception>
    public static PciTarget Driver(string name) =>
        IsDriverName(name) ? new PciTarget(name) : throw new ArgumentException($"'{name}' is no name of a kernel driver.", nameof(name));

    /// <summary>True if a kernel driver can have this name: 1 to 64 letters, digits, <c>.</c>, <c>_</c>, <c>:</c>, <c>+</c>, <c>-</c> and blanks inside.</summary>
    public static bool IsDriverName(string name) => DriverName().IsMatch(name);

    /// <summary>The name, or <c>its own driver</c>.</summary>
    public override string ToString() => Name ?? "its own driver";

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9 ._:+-]{0,63}\z")]
    private static partial Regex DriverName();
}
