using System.Text.Json;
using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Api.Versions;
using Cyborg.Model;

namespace Cyborg.Api.Accelerators;

/// <summary>Where an accelerator is to go, or is to come back from.</summary>
/// <param name="Type">Kind of the target; null if nothing is said.</param>
/// <param name="Id">The instance's uuid, or the host's name; null if nothing is said.</param>
internal sealed record AttachGoal(AttachTarget? Type, string? Id)
{
    /// <summary>Nothing is said: it is attached to its own host, and detached from everything.</summary>
    public static AttachGoal Unsaid { get; } = new(null, null);

    /// <summary>An instance of Nova's.</summary>
    public static AttachGoal Instance(Guid uuid) => new(AttachTarget.Instance, uuid.ToString());

    /// <summary>A host.</summary>
    public static AttachGoal Host(string? name) => new(AttachTarget.Host, name);
}

/// <summary>Reads the body of a PUT that attaches: the proposal's <c>{"name": "NAME", "uuid": UUID}</c>, in which <c>uuid</c> may be left out; 1.1 takes
/// <c>"target": {"type": "instance" or "host", "id": ...}</c>, too.</summary>
internal static class AttachBody
{
    /// <summary>Key of the target.</summary>
    public const string TargetKey = "target";

    private const string Form = "It takes {\"type\": \"instance\", \"id\": UUID} or {\"type\": \"host\", \"id\": NAME}, the latter with or without an id.";

    private static readonly string[] Keys10 = ["name", "uuid"];
    private static readonly string[] Keys11 = ["name", "uuid", TargetKey];
    private static readonly string[] TargetKeys = ["type", "id"];

    /// <summary>The name that the client gives the accelerator, and where it is to go.</summary>
    /// <param name="body">The body.</param>
    /// <param name="pathUuid">The accelerator.</param>
    /// <param name="version">Microversion.</param>
    /// <exception cref="ApiException">400.</exception>
    public static (string Name, AttachGoal Goal) Parse(JsonElement body, Guid pathUuid, Microversion version)
    {
        var operable = version.AtLeast(MicroversionsV1.Operable);
        AcceleratorBody.CheckObject(body, operable ? Keys11 : Keys10, "An attachment", operable ? "" : " (target needs microversion 1.1)");
        if (AcceleratorBody.Text(body, "uuid") is { } text && UuidText.Parse("uuid", text) != pathUuid)
            throw ApiException.Malformed("The path and the body name two accelerators.");
        var name = AcceleratorBody.Name(body);
        return (name, body.TryGetProperty(TargetKey, out var target) ? ParseTarget(target) : AttachGoal.Unsaid);
    }

    private static AttachGoal ParseTarget(JsonElement target)
    {
        if (target.ValueKind != JsonValueKind.Object)
            throw ApiException.Malformed($"Invalid input for field/attribute {TargetKey}. {Form}");
        AcceleratorBody.CheckObject(target, TargetKeys, "A target", "");
        return (AcceleratorBody.Text(target, "type"), AcceleratorBody.Place(target, "id")) switch
        {
            ("instance", { } id) => AttachGoal.Instance(UuidText.Parse("id", id)),
            ("host", var name) => AttachGoal.Host(name),
            _ => throw ApiException.Malformed($"Invalid input for field/attribute {TargetKey}. {Form}"),
        };
    }
}
