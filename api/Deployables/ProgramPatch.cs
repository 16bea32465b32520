using System.Text.Json;
using System.Text.RegularExpressions;
using Cyborg.Api.Calls;
using Cyborg.Api.Errors;

namespace Cyborg.Api.Deployables;

/// <summary>The body of <c>PATCH /v2/deployables/{uuid}/program</c>, a JSON patch of which only the first operation's image counts:
/// <c>[{"path": "/program", "op": "replace", "value": [{"image_uuid": "U"}]}]</c> (upstream: cyborg/api/controllers/types.py, JsonPatchType).</summary>
internal static partial class ProgramPatch
{
    private static readonly string[] ReadOnlyFields = ["created_at", "id", "links", "updated_at", "uuid", "name", "num_accelerators"];

    /// <summary>The image to program.</summary>
    /// <exception cref="ApiException">400: the patch is not of that form.</exception>
    public static Guid ParseImage(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Array || body.GetArrayLength() == 0)
        {
            throw Invalid(
                "program_info",
                "It takes a list of at least one operation, [{\"path\": \"/program\", \"op\": \"replace\", \"value\": [{\"image_uuid\": \"...\"}]}]");
        }
        foreach (var operation in body.EnumerateArray())
            CheckOperation(operation);
        if (body[0].Field("value") is not { ValueKind: JsonValueKind.Array } value || value.GetArrayLength() == 0
            || value[0].ValueKind != JsonValueKind.Object || value[0].Field("image_uuid") is not { ValueKind: JsonValueKind.String } image)
            throw Invalid("value", "The first operation takes a list with an object that has image_uuid");
        return UuidText.Parse("image_uuid", image.GetString()!);
    }

    private static void CheckOperation(JsonElement operation)
    {
        if (operation.ValueKind != JsonValueKind.Object)
            throw Invalid("program_info", $"An operation is an object, got {JsonFields.Kind(operation)}");
        var path = operation.Text("path") ?? throw Invalid("path", "Mandatory field missing");
        if (!PatchPath().IsMatch(path))
            throw Invalid("path", $"Value: '{ApiException.Shown(path)}'. A path is made of words, each after a slash");
        var op = operation.Text("op") ?? throw Invalid("op", "Mandatory field missing");
        if (op is not ("add" or "replace" or "remove"))
            throw Invalid("op", $"Value: '{ApiException.Shown(op)}'. Value should be one of: add, remove, replace");
        if (ReadOnlyFields.Contains(path.Split('/')[1], StringComparer.Ordinal))
            throw ApiException.Malformed($"'{ApiException.Shown(path)}' is an internal attribute and can not be updated");
        if (op != "remove" && !operation.TryGetProperty("value", out _))
            throw ApiException.Malformed("'add' and 'replace' operations need a value");
    }

    private static ApiException Invalid(string field, string why) => ApiException.Malformed($"Invalid input for field/attribute {field}. {why}.");

    [GeneratedRegex(@"\A(/[\w-]+)+\z", RegexOptions.NonBacktracking)]
    private static partial Regex PatchPath();
}
