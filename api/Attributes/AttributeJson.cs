using System.Text.Json;
using Cyborg.Api.Calls;
using Cyborg.Model;

namespace Cyborg.Api.Attributes;

/// <summary>An attribute as clients see it.</summary>
internal static class AttributeJson
{
    public static void Write(Utf8JsonWriter writer, DeployableAttribute attribute, ApiCall call)
    {
        writer.WriteStartObject();
        writer.WriteString("uuid", attribute.Uuid);
        writer.WriteNumber("deployable_id", attribute.DeployableId);
        writer.WriteString("key", attribute.Key);
        writer.WriteString("value", attribute.Value);
        writer.WriteDates(attribute.CreatedAt, attribute.UpdatedAt);
        call.Links.Write(writer, "attributes", attribute.Uuid);
        writer.WriteEndObject();
    }
}
