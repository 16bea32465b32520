using System.Text.Json;
using Cyborg.Api.Calls;

namespace Cyborg.Api.Versions;

/// <summary><c>GET /</c>: which APIs there are.</summary>
internal static class GetVersions
{
    private const string Description =
        "Cyborg is the OpenStack project for lifecycle management of hardware accelerators, such as GPUs, FPGAs, AI chips, security accelerators, etc.";

    public static Task<Reply> HandleAsync(ApiCall call)
    {
        call.Query();
        return Task.FromResult(Reply.Ok(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("name", "OpenStack Cyborg API");
            writer.WriteString("description", Description);
            writer.WriteStartArray("versions");
            WriteV2(writer, call.Links);
            WriteV1(writer, call.Links);
            writer.WriteEndArray();
            writer.WritePropertyName("default_version");
            WriteV2(writer, call.Links);
            writer.WriteEndObject();
        }));
    }

    private static void WriteV1(Utf8JsonWriter writer, Links links)
    {
        writer.WriteStartObject();
        writer.WriteString("id", "v1");
        GetVersion1.WriteRange(writer);
        writer.WriteStartArray("links");
        Links.WriteOne(writer, $"{links.Root}/v1", "self");
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteV2(Utf8JsonWriter writer, Links links)
    {
        writer.WriteStartObject();
        writer.WriteString("id", "v2");
        GetVersion2.WriteRange(writer);
        writer.WriteStartArray("links");
        Links.WriteOne(writer, $"{links.Root}/v2", "self");
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
