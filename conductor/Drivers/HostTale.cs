using System.Text.Json;
using System.Text.Json.Serialization;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Conductor.Drivers;

/// <summary>What a host's agent has told of its drivers, as it is kept in the host's row.</summary>
internal static partial class HostTale
{
    private static HostDrivers Nothing { get; } = new([], [], []);

    /// <summary>The text of a report; null if its agent tells nothing.</summary>
    public static string? Of(ReportInventory report) =>
        report.Backends is null ? null : Text(new HostDrivers(report.Running ?? [], report.Backends, report.Services ?? []));

    /// <summary>The text; the devices of backends are not kept.</summary>
    public static string Text(HostDrivers told) => JsonSerializer.Serialize(
        told with { Backends = [.. told.Backends.Select(backend => backend with { Devices = [] })] }, TaleJson.Default.HostDrivers);

    /// <summary>What a text says.</summary>
    public static HostDrivers Read(string text) => text.StartsWith('[')
        ? Nothing with { Backends = JsonSerializer.Deserialize(text, TaleJson.Default.ListReportedBackend) ?? [] }
        : JsonSerializer.Deserialize(text, TaleJson.Default.HostDrivers) ?? Nothing;

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(HostDrivers))]
    [JsonSerializable(typeof(List<ReportedBackend>))]
    private sealed partial class TaleJson : JsonSerializerContext;
}
