using System.Text.Json;
using Cyborg.Api.Calls;
using Cyborg.Model;

namespace Cyborg.Api.DeviceProfiles;

/// <summary>A device profile as clients see it.</summary>
internal static class DeviceProfileJson
{
    public static void Write(Utf8JsonWriter writer, DeviceProfile profile, ApiCall call)
    {
        writer.WriteStartObject();
        writer.WriteString("uuid", profile.Uuid);
        writer.WriteString("name", profile.Name);
        writer.WriteString("description", profile.Description);
        writer.WriteStartArray("groups");
        foreach (var group in profile.Groups)
        {
            writer.WriteStartObject();
            foreach (var (key, value) in group)
                writer.WriteString(key, value);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteDates(profile.CreatedAt, profile.UpdatedAt);
        call.Links.Write(writer, "device_profiles", profile.Uuid);
        writer.WriteEndObject();
    }
}
