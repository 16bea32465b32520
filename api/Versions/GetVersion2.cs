using System.Text.Json;
using Cyborg.Api.Calls;

namespace Cyborg.Api.Versions;

/// <summary><c>GET /v2</c>: what this API offers. Flat, without a wrapper; keystoneauth takes it by its <c>id</c>, and takes the endpoint's path
/// from its link.</summary>
internal static class GetVersion2
{
    public static Task<Reply> HandleAsync(ApiCall call)
    {
        call.Query();
        return Task.FromResult(Reply.Ok(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("id", "v2.0");
            writer.WriteStartArray("links");
            Links.WriteOne(writer, $"{call.Links.Root}/v2/", "self");
            writer.WriteEndArray();
            WriteRange(writer);
            writer.WriteEndObject();
        }));
    }

    internal static void WriteRange(Utf8JsonWriter writer)
    {
        writer.WriteString("status", "CURRENT");
        writer.WriteString("max_version", Microversions.Max.ToString());
        writer.WriteString("min_version", Microversions.Min.ToString());
    }
}
