using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Cyborg.Api.Calls;
using Cyborg.Model;

namespace Cyborg.Api.Deployables;

/// <summary>A deployable as clients see it.</summary>
internal static class DeployableJson
{
    public static void Write(Utf8JsonWriter writer, Deployable deployable, ApiCall call)
    {
        writer.WriteStartObject();
        writer.WriteString("uuid", deployable.Uuid);
        writer.WriteInteger("parent_id", deployable.ParentId);
        writer.WriteInteger("root_id", deployable.RootId);
        writer.WriteString("name", deployable.Name);
        writer.WriteNumber("num_accelerators", deployable.NumAccelerators);
        writer.WriteNumber("device_id", deployable.DeviceId);
        writer.WriteString("attributes_list", AttributesText(deployable.Attributes));
        writer.WriteUuid("rp_uuid", deployable.RpUuid);
        writer.WriteString("driver_name", deployable.DriverName);
        writer.WriteString("bitstream_id", deployable.BitstreamId);
        call.Links.WriteWithBookmark(writer, "deployables", deployable.Uuid);
        writer.WriteDates(deployable.CreatedAt, deployable.UpdatedAt);
        writer.WriteEndObject();
    }

    /// <summary>The attributes as a JSON text inside the JSON, one object per attribute, spaced as Python's json writes it:
    /// <c>[{"traits1": "CUSTOM_FAKE_DEVICE"}, {"rc": "FPGA"}]</c>.</summary>
    internal static string AttributesText(IReadOnlyList<DeployableAttribute> attributes)
    {
        var text = new StringBuilder("[");
        foreach (var attribute in attributes)
        {
            if (text.Length > 1)
                text.Append(", ");
            text.Append("{\"").Append(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(attribute.Key))
                .Append("\": \"").Append(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(attribute.Value)).Append("\"}");
        }
        return text.Append(']').ToString();
    }
}
