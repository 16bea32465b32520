using System.Text.Json;
using System.Text.RegularExpressions;
using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Api.DeviceProfiles;

/// <summary>The body of <c>POST /v2/device_profiles</c>: a list of exactly one profile, checked whole before anything is stored (upstream stores
/// some that it then cannot list).</summary>
internal static partial class NewDeviceProfile
{
    private const int MaxName = 255;

    // What a GET shows may come back in a POST; it is not a client's to set, and is passed over.
    private static readonly string[] Known = ["uuid", "name", "description", "groups", "created_at", "updated_at", "links", "id"];

    /// <summary>Reads the body.</summary>
    /// <exception cref="ApiException">400: it is not such a list, or a field is wrong.</exception>
    /// <exception cref="FaultException"><see cref="FaultCode.InvalidInput"/>: a group is wrong.</exception>
    public static CreateProfile Parse(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Array || body.GetArrayLength() != 1)
            throw ApiException.Malformed("Only one device profile allowed per POST request for now.");
        var item = body[0];
        if (item.ValueKind != JsonValueKind.Object)
            throw ApiException.Malformed($"A device profile is an object with name and groups, got {JsonFields.Kind(item)}.");
        CheckKeys(item);
        var name = ParseName(item);
        var groups = ParseGroups(item);
        // The conductor parses them again; here a fault costs nobody a message.
        ProfileGroup.ParseAll(groups);
        Guid? uuid = item.Text("uuid") is { } text ? UuidText.Parse("uuid", text) : null;
        return new CreateProfile(uuid, name, item.Text("description"), groups);
    }

    private static void CheckKeys(JsonElement item)
    {
        foreach (var field in item.EnumerateObject())
        {
            if (field.Value.ValueKind != JsonValueKind.Null && !Known.Contains(field.Name, StringComparer.Ordinal))
            {
                throw ApiException.Malformed(
                    $"Unknown attribute: \"{ApiException.Shown(field.Name)}\". A device profile has name, groups, description and uuid.");
            }
        }
    }

    private static string ParseName(JsonElement item)
    {
        var name = item.Text("name");
        if (string.IsNullOrEmpty(name))
            throw new ApiException(ApiError.ProfileName, "DeviceProfile name needed.");
        if (name.Length > MaxName)
            throw new ApiException(ApiError.ProfileName, $"A device profile name has {MaxName} characters at most, got {name.Length}.");
        return ProfileName().IsMatch(name)
            ? name
            : throw ApiException.Malformed("Device profile name must be of the form ^[a-zA-Z0-9-_]+$");
    }

    private static List<IReadOnlyDictionary<string, string?>> ParseGroups(JsonElement item)
    {
        if (item.Field("groups") is not { } given)
            throw ApiException.Malformed("DeviceProfile needs groups field.");
        if (given.ValueKind != JsonValueKind.Array)
            throw ApiException.Malformed($"Invalid input for field/attribute groups. It takes a list of objects, got {JsonFields.Kind(given)}.");
        if (given.GetArrayLength() == 0)
            throw ApiException.Malformed("DeviceProfile needs groups field.");
        return [.. given.EnumerateArray().Select(ParseGroup)];
    }

    private static OrderedDictionary<string, string?> ParseGroup(JsonElement group)
    {
        if (group.ValueKind != JsonValueKind.Object)
            throw ApiException.Malformed($"Invalid input for field/attribute groups. A group is an object, got {JsonFields.Kind(group)}.");
        var parsed = new OrderedDictionary<string, string?>();
        foreach (var field in group.EnumerateObject())
            parsed.Add(field.Name, ParseValue(field));
        return parsed;
    }

    // Numbers are taken as they are written, because people write {"resources:FPGA": 1}.
    private static string? ParseValue(JsonProperty field) => field.Value.ValueKind switch
    {
        JsonValueKind.String when field.Value.GetString() is { Length: <= JsonFields.MaxText } text => text,
        JsonValueKind.Number when field.Value.GetRawText() is { Length: <= 32 } digits => digits,
        JsonValueKind.Null => null,
        var kind => throw ApiException.Malformed(
            $"Invalid input for field/attribute groups. The key '{ApiException.Shown(field.Name)}' takes a string"
            + (kind is JsonValueKind.String or JsonValueKind.Number ? "; this value is too long." : $", got {JsonFields.Kind(field.Value)}.")),
    };

    [GeneratedRegex(@"\A[a-zA-Z0-9_-]+\z")]
    private static partial Regex ProfileName();
}
