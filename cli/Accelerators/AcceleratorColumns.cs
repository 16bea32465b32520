using System.Text.Json.Nodes;

namespace Cyborg.Cli;

/// <summary>What pages of accelerators show.</summary>
internal static class AcceleratorColumns
{
    /// <summary>Everything, in order.</summary>
    public static IReadOnlyList<Column> All { get; } =
    [
        Column.Of("uuid"),
        Column.Of("name"),
        Column.Of("state"),
        Column.Of("state_reason"),
        Column.Of("device_type", "acc_specs", "device_type"),
        Column.Of("num", "acc_specs", "num"),
        Column.Of("remote", "acc_specs", "remote"),
        Column.Of("capability", "acc_specs", "acc_capability"),
        Column.Of("host"),
        Column.Of("backend"),
        Column.Of("driver"),
        Column.Of("acc_type"),
        Column.Of("vendor_id"),
        Column.Of("product_id"),
        Column.Of("resource_provider_uuid"),
        Column.Of("resource_provider_uuids"),
        new("attached_to", AttachedTo),
        Column.Of("attach_info"),
        Column.Of("generation"),
        Column.Of("created_at"),
        Column.Of("updated_at"),
    ];

    /// <summary>What a list shows where no column is chosen.</summary>
    public static IReadOnlyList<string> OfList { get; } = ["uuid", "name", "state", "device_type", "host", "backend", "attached_to"];

    /// <summary>What one accelerator shows where no column is chosen.</summary>
    public static IReadOnlyList<string> OfOne { get; } =
        [.. All.Select(column => column.Name).Where(name => name is not ("attached_to" or "resource_provider_uuids"))];

    // instance:UUID, or host:NAME (detaching)
    private static JsonArray AttachedTo(JsonNode accelerator) => new([.. Attachments.Of(accelerator).Select(Shown)]);

    private static JsonNode Shown(AttachmentEntry entry) =>
        $"{entry.TargetType}:{entry.Target}{(entry.State == Attachments.Attached ? "" : $" ({entry.State})")}";
}
