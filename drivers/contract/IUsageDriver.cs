using Cyborg.Model;

namespace Cyborg.Drivers;

/// <summary>A driver that can tell how much its devices are used. Figures are broadcast and never stored.</summary>
public interface IUsageDriver : IAcceleratorDriver
{
    /// <summary>Measures once, soon. A device without an entry is one of which nothing is known: never write 0 for that.</summary>
    /// <exception cref="DriverException">Nothing can be measured now.</exception>
    Task<IReadOnlyList<DriverUsage>> MeasureAsync(CancellationToken cancellationToken);
}

/// <summary>How much a device is used.</summary>
/// <param name="Device">The device.</param>
/// <param name="Figures">Figures by name, see <see cref="UsageFigures"/>; a driver may have others, in lower case with the unit at the end. Only what was
/// measured; never empty.</param>
public sealed record DriverUsage(DriverControlPath Device, IReadOnlyDictionary<string, double> Figures);

/// <summary>Names of figures that mean the same with every driver.</summary>
public static class UsageFigures
{
    /// <summary>Accelerators that the device can offer at once.</summary>
    public const string AcceleratorsTotal = "accelerators_total";
    /// <summary>Accelerators of it that the hardware says are in use.</summary>
    public const string AcceleratorsInUse = "accelerators_in_use";
    /// <summary>How busy it is, 0 to 100.</summary>
    public const string UtilizationPercent = "utilization_percent";
    /// <summary>Its memory, in bytes.</summary>
    public const string MemoryTotalBytes = "memory_total_bytes";
    /// <summary>Its memory in use, in bytes.</summary>
    public const string MemoryUsedBytes = "memory_used_bytes";
}
