using System.Text.Json;
using Cyborg.Api.Calls;
using Cyborg.Model;

namespace Cyborg.Api.Accelerators;

/// <summary>An attachment of an accelerator in <c>attach_info</c> (1.1): what it is attached to, and what a compute service needs to know to attach it.</summary>
internal static class AttachmentJson
{
    /// <summary>Writes those that the caller may see, oldest first: a conductor has left out the others.</summary>
    public static void WriteAll(Utf8JsonWriter writer, IReadOnlyList<Attachment> attachments)
    {
        writer.WriteStartArray("attach_info");
        foreach (var attachment in attachments)
            Write(writer, attachment);
        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, Attachment attachment)
    {
        writer.WriteStartObject();
        writer.WriteString("uuid", attachment.Uuid);
        writer.WriteString("target_type", AttachmentWords.Of(attachment.TargetType));
        writer.WriteString("target", attachment.Target);
        writer.WriteString("state", AttachmentWords.Of(attachment.State));
        writer.WriteString("reason", attachment.Reason);
        writer.WriteUuid("accelerator_request_uuid", attachment.Arq);
        writer.WriteString("attach_handle_type", attachment.HandleType?.ToString());
        writer.WritePropertyName("attach_handle_info");
        // As version 2 shows it: the driver's own bytes.
        writer.WriteRawValue(attachment.HandleInfo ?? "null");
        writer.WriteString("project_id", attachment.ProjectId);
        writer.WriteDates(attachment.CreatedAt, attachment.UpdatedAt);
        writer.WriteEndObject();
    }
}
