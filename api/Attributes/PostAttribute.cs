using System.Globalization;
using System.Text.Json;
using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.Attributes;

/// <summary><c>POST /v2/attributes</c>: <c>{"deployable_id", "key", "value"}</c>, flat or inside <c>{"attribute": ...}</c> as openstacksdk sends
/// it. The deployable is named by its number, its number as text (the command line client) or its uuid. Other keys are ignored.</summary>
internal static class PostAttribute
{
    /// <summary>Most characters of a key.</summary>
    public const int MaxKey = 255;

    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        call.Query();
        var ask = Parse(await call.ReadBodyAsync("req_attr").ConfigureAwait(false));
        var made = await call.AskAsync(Verbs.CreateAttribute, ask).ConfigureAwait(false);
        return Reply.Created(writer => AttributeJson.Write(writer, made, call));
    }

    /// <summary>Reads the body.</summary>
    /// <exception cref="ApiException">400: a field is missing or of the wrong kind.</exception>
    internal static CreateAttribute Parse(JsonElement body)
    {
        var item = body;
        if (body.ValueKind == JsonValueKind.Object && body.Field("attribute") is { ValueKind: JsonValueKind.Object } inner)
            item = inner;
        if (item.ValueKind != JsonValueKind.Object)
            throw ApiException.Malformed($"An attribute is an object with deployable_id, key and value, got {JsonFields.Kind(item)}.");
        var (id, uuid) = Deployable(item);
        var key = item.Text("key", MaxKey);
        if (string.IsNullOrEmpty(key))
            throw Missing("key");
        return new CreateAttribute(id, uuid, key, item.Text("value") ?? throw Missing("value"));
    }

    private static (int? Id, Guid? Uuid) Deployable(JsonElement item)
    {
        if (item.Field("deployable_id") is not { } given)
            throw Missing("deployable_id");
        if (given.ValueKind == JsonValueKind.Number && given.TryGetInt32(out var number))
            return (number, null);
        if (given.ValueKind == JsonValueKind.String)
        {
            var text = given.GetString()!;
            if (UuidText.TryParse(text, out var uuid))
                return (null, uuid);
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number))
                return (number, null);
        }
        throw ApiException.Malformed(
            $"Invalid input for field/attribute deployable_id. Value: '{ApiException.Shown(given.ToString())}'. It takes a deployable's number or uuid.");
    }

    private static ApiException Missing(string field) => ApiException.Malformed($"Attribute is invalid: {field} is missing.");
}
