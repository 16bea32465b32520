using System.Text.Json;
using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Api.Versions;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Api.Accelerators;

/// <summary>What a <c>PUT /v1/accelerators/{uuid}</c> wants; the proposal has one URL for several things, told apart by the body.</summary>
internal enum PutKind
{
    /// <summary>The body has <c>acc_specs</c>: a new spec.</summary>
    Specs,
    /// <summary>The body has <c>state</c>: set it ready or inactive (1.1).</summary>
    State,
    /// <summary>The body has <c>name</c>: attach it.</summary>
    Attach,
}

/// <summary>Reads the bodies of accelerators' requests.</summary>
internal static class AcceleratorBody
{
    private static readonly string[] NewKeys10 = ["name", "uuid"];
    private static readonly string[] NewKeys11 = ["name", "uuid", AccSpecsBody.Key, "host", "backend"];

    private const int MaxPlace = 255;

    /// <summary>The body of a POST, by the proposal's JSON schema: <c>name</c>, and <c>uuid</c> if one is wanted; 1.1 takes <c>acc_specs</c>, <c>host</c> and
    /// <c>backend</c>, too.</summary>
    /// <param name="body">The body.</param>
    /// <param name="pathUuid">The uuid in the path, if any.</param>
    /// <param name="version">Microversion.</param>
    /// <exception cref="ApiException">400.</exception>
    public static CreateAccelerator ParseNew(JsonElement body, Guid? pathUuid, Microversion version)
    {
        var operable = version.AtLeast(MicroversionsV1.Operable);
        CheckObject(body, operable ? NewKeys11 : NewKeys10, "An accelerator", operable ? "" : " (acc_specs, host and backend need microversion 1.1)");
        var uuid = Text(body, "uuid") is { } text ? UuidText.Parse("uuid", text) : pathUuid;
        if (pathUuid is not null && uuid != pathUuid)
            throw ApiException.Malformed("The path and the body name two accelerators.");
        var specs = body.TryGetProperty(AccSpecsBody.Key, out var given) ? AccSpecsBody.ParseNew(given) : null;
        return new CreateAccelerator(uuid, Name(body), specs, Place(body, "host"), Place(body, "backend"));
    }

    /// <summary>What the body of a PUT wants.</summary>
    /// <exception cref="ApiException">400: nothing that there is.</exception>
    public static PutKind KindOf(JsonElement body, Microversion version)
    {
        var operable = version.AtLeast(MicroversionsV1.Operable);
        if (body.ValueKind == JsonValueKind.Object)
        {
            if (body.TryGetProperty(AccSpecsBody.Key, out _))
                return PutKind.Specs;
            if (body.TryGetProperty("name", out _))
                return PutKind.Attach;
            if (body.TryGetProperty("state", out _) && operable)
                return PutKind.State;
        }
        throw ApiException.Malformed(
            "The body takes {\"acc_specs\": {...}} to update the spec, {\"name\": \"NAME\"} to attach"
            + (operable ? ", or {\"state\": \"ready\"} or \"inactive\"." : "; {\"state\": ...} needs microversion 1.1."));
    }

    /// <summary>The body of a spec update.</summary>
    /// <param name="body">The body.</param>
    /// <param name="word">Last word of the path; null if there is none. A part's name wants that part: alone, or in <c>acc_specs</c>.</param>
    /// <exception cref="ApiException">400.</exception>
    public static AccSpecsChange ParseChange(JsonElement body, string? word)
    {
        var part = word is not null && AccSpecsBody.Parts.Contains(word, StringComparer.Ordinal) ? word : null;
        if (part is not null && body.ValueKind == JsonValueKind.Object && !body.TryGetProperty(AccSpecsBody.Key, out _))
        {
            CheckObject(body, [part, AccSpecsBody.Key], $"The part {part}", "");
            return AccSpecsBody.ParseChange(body);
        }
        CheckObject(body, [AccSpecsBody.Key], "A spec update", "");
        if (!body.TryGetProperty(AccSpecsBody.Key, out var specs))
            throw ApiException.Malformed("A spec update takes {\"acc_specs\": {...}}.");
        var change = AccSpecsBody.ParseChange(specs);
        return part is null || specs.TryGetProperty(part, out _) ? change : throw ApiException.Malformed($"The path names {part}, and the body does not have it.");
    }

    /// <summary>The body of a change of state: true for ready.</summary>
    /// <exception cref="ApiException">400.</exception>
    public static bool ParseReady(JsonElement body)
    {
        CheckObject(body, ["state"], "A change of state", "");
        return body.GetProperty("state") is { ValueKind: JsonValueKind.String } state && state.GetString() is "ready" or "inactive"
            ? state.GetString() == "ready"
            : throw ApiException.Malformed("Invalid input for field/attribute state. It takes \"ready\" or \"inactive\".");
    }

    /// <summary>Checks that a value is an object with known keys alone.</summary>
    /// <exception cref="ApiException">400.</exception>
    internal static void CheckObject(JsonElement body, string[] known, string what, string more)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw ApiException.Malformed($"{what} is an object with {string.Join(", ", known)}, got {JsonFields.Kind(body)}.");
        foreach (var member in body.EnumerateObject())
        {
            if (!known.Contains(member.Name, StringComparer.Ordinal))
                throw ApiException.Malformed($"Additional property '{ApiException.Shown(member.Name)}'. {what} has {string.Join(", ", known)}{more}.");
        }
    }

    /// <summary>The required name of an accelerator.</summary>
    /// <exception cref="ApiException">400.</exception>
    internal static string Name(JsonElement body)
    {
        var name = Text(body, "name") ?? throw ApiException.Malformed("'name' is a required property.");
        return name.Length is > 0 and <= Accelerator.MaxName
            ? name
            : throw ApiException.Malformed($"Invalid input for field/attribute name. It takes 1 to {Accelerator.MaxName} characters, got {name.Length}.");
    }

    /// <summary>The name of a host or a backend; null if it is absent.</summary>
    /// <exception cref="ApiException">400.</exception>
    internal static string? Place(JsonElement body, string key)
    {
        var place = Text(body, key);
        return place is null or { Length: > 0 and <= MaxPlace }
            ? place
            : throw ApiException.Malformed($"Invalid input for field/attribute {key}. It takes 1 to {MaxPlace} characters, got {place.Length}.");
    }

    /// <summary>A text; null if it is absent. A schema's "string" is no null.</summary>
    /// <exception cref="ApiException">400.</exception>
    internal static string? Text(JsonElement body, string key) =>
        !body.TryGetProperty(key, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw ApiException.Malformed($"Invalid input for field/attribute {key}. It takes a string, got {JsonFields.Kind(value)}.");
}
