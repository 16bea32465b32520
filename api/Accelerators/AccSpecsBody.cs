using System.Globalization;
using System.Text.Json;
using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Model;

namespace Cyborg.Api.Accelerators;

/// <summary>Reads <c>acc_specs</c>, strictly: <c>{"remote": 0 or 1, "num": N, "device_type": "TEXT", "acc_capability": {...}}</c> and nothing else.</summary>
internal static class AccSpecsBody
{
    /// <summary>The key of the whole.</summary>
    public const string Key = "acc_specs";

    /// <summary>Keys of the parts, in the order in which they are shown.</summary>
    public static IReadOnlyList<string> Parts { get; } = ["remote", "num", "device_type", "acc_capability"];

    private const string Form =
        "It takes {\"remote\": 0 or 1, \"num\": a whole number from 1 on, \"device_type\": \"TEXT\", \"acc_capability\": {...}}.";

    /// <summary>The spec of something new: what is not given is plain.</summary>
    /// <exception cref="ApiException">400.</exception>
    public static AccSpecs ParseNew(JsonElement specs)
    {
        var given = ParseChange(specs);
        var whole = given.Apply(AccSpecs.Plain);
        return given is { Num: { } num, Capability: null } ? whole with { Capability = AccSpecs.CapabilityOf(num) } : whole;
    }

    /// <summary>A change of a spec: what is not given stays as it is, but something has to be.</summary>
    /// <exception cref="ApiException">400.</exception>
    public static AccSpecsChange ParseChange(JsonElement specs)
    {
        if (specs.ValueKind != JsonValueKind.Object)
            throw Invalid(Key, $"{Form} Got {JsonFields.Kind(specs)}");
        foreach (var member in specs.EnumerateObject())
        {
            if (!Parts.Contains(member.Name, StringComparer.Ordinal))
                throw Invalid(Key, $"Additional property '{ApiException.Shown(member.Name)}'. {Form}");
        }
        if (!specs.EnumerateObject().Any())
            throw Invalid(Key, $"It is empty. {Form}");
        return new AccSpecsChange(Remote(specs), Num(specs), DeviceType(specs), Capability(specs));
    }

    private static bool? Remote(JsonElement specs)
    {
        if (!specs.TryGetProperty("remote", out var value))
            return null;
        return value.ValueKind == JsonValueKind.Number && value.GetRawText() is "0" or "1"
            ? value.GetRawText() == "1"
            : throw Invalid("remote", $"It takes 0 or 1, got {Shown(value)}");
    }

    private static int? Num(JsonElement specs)
    {
        if (!specs.TryGetProperty("num", out var value))
            return null;
        // The number is shown as it was written, so only its plain spelling is taken.
        return value.ValueKind == JsonValueKind.Number
            && int.TryParse(value.GetRawText(), NumberStyles.None, CultureInfo.InvariantCulture, out var num) && num is >= 1 and <= AccSpecs.MaxNum
            ? num
            : throw Invalid("num", $"It takes a whole number from 1 to {AccSpecs.MaxNum}, got {Shown(value)}");
    }

    private static string? DeviceType(JsonElement specs)
    {
        if (!specs.TryGetProperty("device_type", out var value))
            return null;
        return value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= AccSpecs.MaxDeviceType } text
            ? text
            : throw Invalid("device_type", $"It takes a string of 1 to {AccSpecs.MaxDeviceType} characters, got {Shown(value)}");
    }

    private static string? Capability(JsonElement specs)
    {
        if (!specs.TryGetProperty("acc_capability", out var value))
            return null;
        if (value.ValueKind != JsonValueKind.Object)
            throw Invalid("acc_capability", $"It takes an object, got {Shown(value)}");
        var text = value.GetRawText();
        return text.Length <= AccSpecs.MaxCapability
            ? text
            : throw Invalid("acc_capability", $"It takes {AccSpecs.MaxCapability} characters at most, got {text.Length}");
    }

    private static string Shown(JsonElement value) =>
        value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? JsonFields.Kind(value) : ApiException.Shown(value.GetRawText());

    private static ApiException Invalid(string field, string why) => ApiException.Malformed($"Invalid input for field/attribute {field}. {why.TrimEnd('.')}.");
}
