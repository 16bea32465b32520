using System.Security.Cryptography;
using System.Text.Json;
using Cyborg.Model;

namespace Cyborg.Agent.Images;

/// <summary>What the image service says of an image, as far as it matters here. All of it is checked: it comes from whoever made the image.</summary>
/// <param name="Id">The image.</param>
/// <param name="Status">Only <c>active</c> can be fetched.</param>
/// <param name="Size">Bytes; null if it does not say.</param>
/// <param name="HashAlgorithm"><c>os_hash_algo</c>.</param>
/// <param name="HashValue"><c>os_hash_value</c>, hex.</param>
/// <param name="Checksum">MD5, hex.</param>
/// <param name="Function">Property <c>accel:function_id</c>; null if it has none, or one that names no function.</param>
internal sealed record GlanceImage(Guid Id, string Status, long? Size, string? HashAlgorithm, string? HashValue, string? Checksum, string? Function)
{
    /// <summary>Property of an image that names its function.</summary>
    public const string FunctionProperty = "accel:function_id";

    private static readonly Dictionary<string, HashAlgorithmName> s_algorithms = new(StringComparer.OrdinalIgnoreCase)
    {
        ["sha512"] = HashAlgorithmName.SHA512,
        ["sha384"] = HashAlgorithmName.SHA384,
        ["sha256"] = HashAlgorithmName.SHA256,
    };

    /// <summary>Reads one; null if it is none.</summary>
    public static GlanceImage? Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || !Guid.TryParse(Text(json, "id"), out var id) || Text(json, "status") is not { } status)
            return null;
        long? size = json.TryGetProperty("size", out var bytes) && bytes.ValueKind == JsonValueKind.Number && bytes.TryGetInt64(out var number) ? number : null;
        var function = Text(json, FunctionProperty);
        return new GlanceImage(
            id, status, size, Text(json, "os_hash_algo"), Text(json, "os_hash_value"), Text(json, "checksum"),
            ImageWish.IsFunction(function) ? function : null);
    }

    /// <summary>Why the image cannot be used; null if it can.</summary>
    public string? Fault(long maxBytes)
    {
        if (Status != "active")
            return $"it is {Printable(Status)}, not active";
        if (Size is not > 0)
            return "it has no data";
        if (Size > maxBytes)
            return $"it has {Size} bytes; [agent] max_image_size allows {maxBytes}";
        return Hash() is null ? "it has no checksum that this service can verify" : null;
    }

    /// <summary>The best checksum that it has, lower-case hex; null if it has none.</summary>
    public (HashAlgorithmName Algorithm, string Value)? Hash()
    {
        if (HashAlgorithm is not null && s_algorithms.TryGetValue(HashAlgorithm, out var algorithm) && IsHex(HashValue))
            return (algorithm, HashValue!.ToLowerInvariant());
        return IsHex(Checksum) ? (HashAlgorithmName.MD5, Checksum!.ToLowerInvariant()) : null;
    }

    private static string Printable(string text) => text.Length <= 40 && text.All(char.IsAsciiLetterOrDigit) ? text : "in an unknown state";

    private static bool IsHex(string? text) => text is { Length: >= 32 and <= 128 } && text.All(char.IsAsciiHexDigit);

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
