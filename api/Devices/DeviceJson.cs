using System.Text.Json;
using Cyborg.Api.Calls;
using Cyborg.Api.Versions;
using Cyborg.Model;

namespace Cyborg.Api.Devices;

/// <summary>A device as clients see it.</summary>
internal static class DeviceJson
{
    public static void Write(Utf8JsonWriter writer, Device device, ApiCall call)
    {
        writer.WriteStartObject();
        writer.WriteString("uuid", device.Uuid);
        writer.WriteString("type", device.Type.ToString());
        writer.WriteString("vendor", device.Vendor);
        writer.WriteString("model", device.Model);
        writer.WriteString("std_board_info", device.StdBoardInfo);
        writer.WriteString("vendor_board_info", device.VendorBoardInfo);
        writer.WriteString("hostname", device.Hostname);
        if (call.Version.AtLeast(Microversions.DeviceStatus))
            writer.WriteString("status", DeviceStates.V2Status(device.State));
        call.Links.Write(writer, "devices", device.Uuid);
        writer.WriteDates(device.CreatedAt, device.UpdatedAt);
        writer.WriteEndObject();
    }
}
