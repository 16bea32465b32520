using System.Text.Json;
using Cyborg.Api.Calls;
using Cyborg.Model;

namespace Cyborg.Api.AcceleratorRequests;

/// <summary>An accelerator request as clients see it. One that is bound to nothing has an empty type and an empty info, not nulls: Nova reads them.</summary>
internal static class ArqJson
{
    public static void Write(Utf8JsonWriter writer, AcceleratorRequest arq, ApiCall call)
    {
        writer.WriteStartObject();
        writer.WriteString("uuid", arq.Uuid);
        writer.WriteString("state", arq.State.ToString());
        writer.WriteString("device_profile_name", arq.DeviceProfileName);
        writer.WriteNumber("device_profile_group_id", arq.DeviceProfileGroupId);
        writer.WriteString("hostname", arq.Hostname);
        writer.WriteUuid("device_rp_uuid", arq.DeviceRpUuid);
        writer.WriteUuid("instance_uuid", arq.InstanceUuid);
        writer.WriteString("project_id", arq.ProjectId);
        writer.WriteString("attach_handle_type", arq.AttachHandleType?.ToString() ?? "");
        writer.WriteUuid("attach_handle_uuid", arq.AttachHandleUuid);
        writer.WritePropertyName("attach_handle_info");
        writer.WriteRawValue(arq.AttachHandleInfo ?? "{}");
        call.Links.Write(writer, "accelerator_requests", arq.Uuid);
        writer.WriteDates(arq.CreatedAt, arq.UpdatedAt);
        writer.WriteEndObject();
    }

    public static Reply List(ApiCall call, IReadOnlyList<AcceleratorRequest> arqs, int status = 200) =>
        Reply.List("arqs", arqs, (writer, arq) => Write(writer, arq, call), status);
}
