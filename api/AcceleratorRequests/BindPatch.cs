using System.Text.Json;
using System.Text.RegularExpressions;
using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Model;

namespace Cyborg.Api.AcceleratorRequests;

/// <summary>The body of <c>PATCH /v2/accelerator_requests</c>: an object from ARQ uuids to JSON patches. All operations are <c>add</c>, which binds, or
/// all are <c>remove</c>, which unbinds; nothing is asked of a conductor until every one is found right.</summary>
/// <param name="Bindings">What to bind; empty when unbinding.</param>
/// <param name="Unbinds">What to unbind; empty when binding.</param>
internal sealed partial record BindPatch(IReadOnlyList<ArqBinding> Bindings, IReadOnlyList<Guid> Unbinds)
{
    /// <summary>Begin of every 400 of this route.</summary>
    public const string Prefix = "Couldn't apply patch. Reason: ";

    /// <summary>Most ARQs in one patch.</summary>
    public const int MaxArqs = ProfileGroup.MaxRequestsPerProfile;

    private const int MaxHostname = 255;
    private const int MaxProjectId = 255;
    private static readonly string[] Required = ["hostname", "device_rp_uuid", "instance_uuid"];

    /// <summary>Reads the body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="rights">What the caller may write.</param>
    /// <exception cref="ApiException">400: malformed; 403: a project named by someone who is no administrator; 406: a project named before 2.1.</exception>
    public static BindPatch Parse(JsonElement body, PatchRights rights)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw Invalid($"The body is an object from accelerator request uuids to patches, got {JsonFields.Kind(body)}");
        var patches = new Dictionary<Guid, Dictionary<string, string?>>();
        string? op = null;
        foreach (var entry in body.EnumerateObject())
        {
            var uuid = UuidText.Parse("uuid", entry.Name);
            var (entryOp, fields) = ParseOne(entry.Value, rights);
            if (op is not null && op != entryOp)
                throw MixedOps();
            op = entryOp;
            if (!patches.TryAdd(uuid, fields))
                throw Invalid($"Accelerator request {uuid} is given twice");
        }
        if (patches.Count is 0 or > MaxArqs)
            throw Invalid($"A patch names 1 to {MaxArqs} accelerator requests, got {patches.Count}");
        return op == "remove"
            ? new BindPatch([], [.. patches.Keys])
            : new BindPatch([.. patches.Select(patch => Binding(patch.Key, patch.Value))], []);
    }

    private static (string Op, Dictionary<string, string?> Fields) ParseOne(JsonElement patch, PatchRights rights)
    {
        if (patch.ValueKind != JsonValueKind.Array || patch.GetArrayLength() == 0)
            throw Invalid("The patch of an accelerator request is a list of at least one operation");
        var op = CommonOp(patch);
        var fields = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var operation in patch.EnumerateArray())
        {
            var path = operation.Text("path") ?? throw Invalid("An operation lacks its path");
            var field = path.TrimStart('/');
            CheckPath(path, field, rights);
            if (!fields.TryAdd(field, op == "add" ? Value(field, operation) : null))
                throw Invalid($"The path /{field} is given twice");
        }
        if (op == "add" && Required.Where(field => !fields.ContainsKey(field)).ToArray() is { Length: > 0 } absent)
            throw Invalid($"Fields absent in patch {string.Join(',', absent)}");
        return (op, fields);
    }

    private static string CommonOp(JsonElement patch)
    {
        string? common = null;
        foreach (var operation in patch.EnumerateArray())
        {
            if (operation.ValueKind != JsonValueKind.Object)
                throw Invalid($"An operation is an object with path and op, got {JsonFields.Kind(operation)}");
            var op = operation.Text("op");
            if (op is not ("add" or "remove") || (common ?? op) != op)
                throw MixedOps();
            common = op;
        }
        return common!;
    }

    private static void CheckPath(string path, string field, PatchRights rights)
    {
        if (field == "project_id")
        {
            if (!rights.KnowsProjectId)
                throw new ApiException(ApiError.NeedsNewerVersion, "Request not acceptable. The minimal required API version should be 2.1");
            if (!rights.MayNameProject)
                throw ApiCall.Denied(ArqPolicies.Update);
        }
        else if (!Required.Contains(field, StringComparer.Ordinal))
            throw Invalid($"Invalid path in patch {ApiException.Shown(path)}");
    }

    private static string? Value(string field, JsonElement operation)
    {
        if (operation.Field("value") is not { } given)
            return field == "project_id" ? null : throw Invalid($"Fields absent in patch {field}");
        if (given.ValueKind != JsonValueKind.String)
            throw Invalid($"The value of /{field} is a string, got {JsonFields.Kind(given)}");
        var text = given.GetString()!;
        return field switch
        {
            "hostname" when !Hostname().IsMatch(text) || text.Length > MaxHostname =>
                throw Invalid(
                    $"The value of /hostname is 1 to {MaxHostname} letters, digits, dots, colons, dashes and underscores, got '{ApiException.Shown(text)}'"),
            "project_id" when text.Length is 0 or > MaxProjectId || text.Any(c => c is <= ' ' or >= '\u007f') =>
                throw Invalid($"The value of /project_id is 1 to {MaxProjectId} printable characters, got '{ApiException.Shown(text)}'"),
            "device_rp_uuid" or "instance_uuid" when !UuidText.TryParse(text, out _) =>
                throw Invalid($"The value of /{field} is a uuid. Expected a uuid but received {ApiException.Shown(text)}."),
            _ => text,
        };
    }

    private static ArqBinding Binding(Guid arq, Dictionary<string, string?> fields) => new(
        arq,
        fields["hostname"]!,
        UuidText.Parse("device_rp_uuid", fields["device_rp_uuid"]!),
        UuidText.Parse("instance_uuid", fields["instance_uuid"]!),
        fields.GetValueOrDefault("project_id"));

    private static ApiException MixedOps() => Invalid("Every op must be add or remove");

    private static ApiException Invalid(string reason) => ApiException.Malformed(Prefix + reason);

    [GeneratedRegex(@"\A[A-Za-z0-9._:-]+\z")]
    private static partial Regex Hostname();
}

/// <summary>What a caller may write in a patch.</summary>
/// <param name="KnowsProjectId">True from microversion 2.1 on: there is a path <c>/project_id</c>.</param>
/// <param name="MayNameProject">True for an administrator.</param>
internal readonly record struct PatchRights(bool KnowsProjectId, bool MayNameProject);
