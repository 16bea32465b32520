using System.Text.Json;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.Drivers;

/// <summary>A driver as clients see it: once, with the hosts that have it.</summary>
internal static class DriverJson
{
    /// <summary>Writes one driver.</summary>
    public static void Write(Utf8JsonWriter writer, IGrouping<string, HostDriver> driver)
    {
        writer.WriteStartObject();
        writer.WriteString("id", driver.Key);
        writer.WriteStartArray("hosts");
        foreach (var host in driver)
            WriteHost(writer, host);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Drivers by id, each with its hosts.</summary>
    public static IReadOnlyList<IGrouping<string, HostDriver>> Group(IEnumerable<HostDriver> drivers) =>
        [.. drivers.GroupBy(driver => driver.Id, StringComparer.Ordinal).OrderBy(driver => driver.Key, StringComparer.Ordinal)];

    private static void WriteHost(Utf8JsonWriter writer, HostDriver host)
    {
        writer.WriteStartObject();
        writer.WriteString("host", host.Host);
        writer.WriteString("version", host.Version);
        writer.WriteBoolean("packaged", host.Version is not null);
        writer.WriteString("state", host.Error is not null ? "error" : host.Live ? "active" : "unknown");
        writer.WriteString("state_reason", host.Error);
        writer.WriteStartArray("backends");
        foreach (var backend in host.Backends)
        {
            writer.WriteStartObject();
            writer.WriteString("name", backend.Backend);
            writer.WriteString("kind", backend.Kind);
            writer.WriteBoolean("creates", backend.Creates);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
