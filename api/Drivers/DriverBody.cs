using System.Text.Json;
using System.Text.RegularExpressions;
using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.Drivers;

/// <summary>Reads what driver requests say. The bytes of a package never come this way: they are on the host already, see doc/drivers.md.</summary>
internal static partial class DriverBody
{
    private const string IdKey = "driver_id";
    private const int MaxHost = 255;

    private static readonly string[] NewKeys = [IdKey, "version", "checksum", "host"];
    private static readonly string[] ChangeKeys = ["version", "checksum", "host"];

    /// <summary>The body of a POST.</summary>
    /// <exception cref="ApiException">400.</exception>
    public static ChangeDriver ParseNew(JsonElement body)
    {
        CheckObject(body, NewKeys);
        return Parse(body, Text(body, IdKey) is { } id ? Id(id) : throw ApiException.Malformed($"'{IdKey}' is a required property."));
    }

    /// <summary>The body of a PUT.</summary>
    /// <exception cref="ApiException">400.</exception>
    public static ChangeDriver ParseChange(JsonElement body, string id)
    {
        CheckObject(body, ChangeKeys);
        return Parse(body, id);
    }

    /// <summary>The id in the path; what is none is nobody's.</summary>
    /// <exception cref="ApiException">404.</exception>
    public static string PathId(ApiCall call) => call.Path("id") is { } id && IdPattern().IsMatch(id)
        ? id
        : throw new ApiException(ApiError.NotFound, $"Driver not found with id={ApiException.Shown(call.Path("id") ?? "")}");

    private static ChangeDriver Parse(JsonElement body, string id)
    {
        var (host, version, checksum) = (Text(body, "host"), Text(body, "version"), Text(body, "checksum"));
        if (host is { Length: 0 or > MaxHost })
            throw ApiException.Malformed($"Invalid input for field/attribute host. It takes 1 to {MaxHost} characters.");
        if (version is not null && !VersionPattern().IsMatch(version))
            throw ApiException.Malformed("Invalid input for field/attribute version. It takes two to four numbers with dots between them, e.g. 1.2.0.");
        if (checksum is not null && !SumPattern().IsMatch(checksum))
            throw ApiException.Malformed("Invalid input for field/attribute checksum. It takes the 64 hex digits of a SHA-256.");
        return new ChangeDriver(id, host, version, checksum);
    }

    private static string Id(string id) => IdPattern().IsMatch(id)
        ? id
        : throw ApiException.Malformed($"Invalid input for field/attribute {IdKey}. It takes 1 to 64 of a-z, 0-9 and _, beginning with a letter.");

    private static void CheckObject(JsonElement body, string[] known)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw ApiException.Malformed($"A driver is an object with {string.Join(", ", known)}, got {JsonFields.Kind(body)}.");
        foreach (var member in body.EnumerateObject())
        {
            if (!known.Contains(member.Name, StringComparer.Ordinal))
                throw ApiException.Malformed($"Additional property '{ApiException.Shown(member.Name)}'. A driver has {string.Join(", ", known)}.");
        }
    }

    private static string? Text(JsonElement body, string key) =>
        !body.TryGetProperty(key, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw ApiException.Malformed($"Invalid input for field/attribute {key}. It takes a string, got {JsonFields.Kind(value)}.");

    [GeneratedRegex(@"\A[a-z][a-z0-9_]{0,63}\z")]
    private static partial Regex IdPattern();

    [GeneratedRegex(@"\A(0|[1-9][0-9]{0,5})(\.(0|[1-9][0-9]{0,5})){1,3}\z")]
    private static partial Regex VersionPattern();

    [GeneratedRegex(@"\A[0-9A-Fa-f]{64}\z")]
    private static partial Regex SumPattern();
}
