using System.Text.Json;
using Cyborg.Api.Calls;

namespace Cyborg.Api.Versions;

/// <summary><c>GET /v1</c>: what this API offers, in the form of <see cref="GetVersion2"/>.</summary>
internal static class GetVersion1
{
    public static Task<Reply> HandleAsync(ApiCall call)
    {
        call.Query();
        return Task.FromResult(Reply.Ok(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("id", "v1.0");
            writer.WriteStartArray("links");
            Links.WriteOne(writer, $"{call.Links.Root}/v1/", "self");
            writer.WriteEndArray();
            WriteRange(writer);
            writer.WriteEndObject();
        }));
    }

    // Clients that take what is CURRENT go on to take v2.
    internal static void WriteRange(Utf8JsonWriter writer)
    {
        writer.WriteString("status", "SUPPORTED");
        writer.WriteString("max_version", MicroversionsV1.Max.ToString());
        writer.WriteString("min_version", MicroversionsV1.Min.ToString());
    }
}
