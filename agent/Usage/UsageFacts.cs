using Cyborg.Drivers;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Agent.Usage;

/// <summary>Makes of what drivers measured what may be told. Pure.</summary>
internal static class UsageFacts
{
    /// <summary>Devices with figures that are numbers, each once: the first driver that tells of it counts, as in discovery. A device of which nothing is left
    /// is left out, since no figure is better than a wrong one.</summary>
    public static IReadOnlyList<DeviceUsage> Join(IEnumerable<DriverUsage> measured) =>
        [.. measured.DistinctBy(usage => usage.Device).Select(Tell).Where(usage => usage.Fault() is null)];

    private static DeviceUsage Tell(DriverUsage usage)
    {
        var figures = usage.Figures
            .Where(figure => double.IsFinite(figure.Value) && figure.Key.Length is > 0 and <= HostUsage.MaxFigureName)
            .OrderBy(figure => figure.Key, StringComparer.Ordinal)
            .Take(HostUsage.MaxFigures);
        return new DeviceUsage(usage.Device, new SortedDictionary<string, double>(figures.ToDictionary(), StringComparer.Ordinal));
    }
}
