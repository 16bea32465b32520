using System.Text.Json.Nodes;

namespace Cyborg.Cli;

/// <summary>An entry of an accelerator's <c>attach_info</c>.</summary>
internal sealed record AttachmentEntry(string? TargetType, string? Target, string? State, string? Reason);

/// <summary>Reads <c>attach_info</c>. Pure.</summary>
internal static class Attachments
{
    /// <summary>The state of one that is done.</summary>
    public const string Attached = "attached";

    /// <summary>The type of a target that is a server.</summary>
    public const string Instance = "instance";

    /// <summary>The type of a target that is a host.</summary>
    public const string Host = "host";

    /// <summary>The attachments of an accelerator.</summary>
    public static IEnumerable<AttachmentEntry> Of(JsonNode accelerator) =>
        (accelerator["attach_info"] as JsonArray ?? []).OfType<JsonObject>()
            .Select(entry => new AttachmentEntry((string?)entry["target_type"], (string?)entry["target"], (string?)entry["state"], (string?)entry["reason"]));

    /// <summary>Those of a target; of any if it is null.</summary>
    public static IEnumerable<AttachmentEntry> Of(JsonNode accelerator, string? type, string? target) =>
        Of(accelerator).Where(entry => (type is null || entry.TargetType == type) && (target is null || entry.Target == target));
}
