using System.Text.Json;

namespace Cyborg.Api.Calls;

/// <summary>The links of answers, built from where the service really is: <c>[api] public_endpoint</c> or the request's own scheme and host,
/// then the mount. Clients take the endpoint's path from the discovery document's link, so a wrong one breaks them.</summary>
/// <param name="Root">Address of <c>/</c>, without a slash at its end.</param>
internal sealed record Links(string Root)
{
    /// <summary>The links of one request.</summary>
    /// <param name="publicEndpoint"><c>[api] public_endpoint</c>; null if not set. One with a path is the service's whole address; one without gets
    /// the request's mount, as upstream's gets <c>/accelerator</c>.</param>
    /// <param name="schemeAndHost">Of the request, e.g. <c>http://127.0.0.1:6666</c>.</param>
    /// <param name="mount">Path in front of our own, empty or e.g. <c>/accelerator</c>.</param>
    public static Links For(string? publicEndpoint, string schemeAndHost, string mount)
    {
        if (publicEndpoint is null)
            return new Links(schemeAndHost + mount);
        var trimmed = publicEndpoint.TrimEnd('/');
        var hasPath = Uri.TryCreate(trimmed, UriKind.Absolute, out var uri) && uri.AbsolutePath.Length > 1;
        return new Links(hasPath ? trimmed : trimmed + mount);
    }

    /// <summary>Address of a collection of v1.</summary>
    public string V1(string collection) => $"{Root}/v1/{collection}";

    /// <summary>Address of an object of v1.</summary>
    public string V1(string collection, Guid uuid) => $"{Root}/v1/{collection}/{uuid}";

    /// <summary>Path of an object without a version, on this host.</summary>
    public string Unversioned(string collection, Guid uuid)
    {
        var mount = Uri.TryCreate(Root, UriKind.Absolute, out var root) ? root.AbsolutePath.TrimEnd('/') : "";
        return $"{mount}/{collection}/{uuid}";
    }

    /// <summary>Address of an object of v2.</summary>
    public string V2(string collection, Guid uuid) => $"{Root}/v2/{collection}/{uuid}";

    /// <summary>Writes <c>"links"</c> with the object's own address.</summary>
    public void Write(Utf8JsonWriter writer, string collection, Guid uuid)
    {
        writer.WriteStartArray("links");
        WriteOne(writer, V2(collection, uuid), "self");
        writer.WriteEndArray();
    }

    /// <summary>Writes <c>"links"</c> with the object's own address and the one that outlives versions.</summary>
    public void WriteWithBookmark(Utf8JsonWriter writer, string collection, Guid uuid)
    {
        writer.WriteStartArray("links");
        WriteOne(writer, V2(collection, uuid), "self");
        WriteOne(writer, $"{Root}/{collection}/{uuid}", "bookmark");
        writer.WriteEndArray();
    }

    /// <summary>Writes one link.</summary>
    public static void WriteOne(Utf8JsonWriter writer, string href, string rel)
    {
        writer.WriteStartObject();
        writer.WriteString("href", href);
        writer.WriteString("rel", rel);
        writer.WriteEndObject();
    }
}
