using System.Text.Json.Nodes;
using Cyborg.Hosting;

namespace Cyborg.Cli;

/// <summary>Calls that several verbs of accelerators make.</summary>
internal static class AcceleratorCalls
{
    private const string Root = "/v1/accelerators";

    /// <summary>What the word of a verb may be, for its help.</summary>
    public const string WordHelp = "Uuid or name of the accelerator.";

    /// <summary>The path of one.</summary>
    public static string Path(string uuid) => $"{Root}/{Uri.EscapeDataString(uuid)}";

    /// <summary>The uuid of an accelerator.</summary>
    public static string Uuid(JsonNode accelerator) => (string?)accelerator["uuid"] ?? "";

    /// <summary>The accelerator of a uuid.</summary>
    public static Task<JsonNode> GetAsync(VerbCall call, string uuid) => call.Client.GetAsync(Path(uuid), call.Stop);

    /// <summary>The accelerator of a uuid; null if there is none (any more).</summary>
    public static async Task<JsonNode?> TryGetAsync(VerbCall call, string uuid)
    {
        try
        {
            return await GetAsync(call, uuid).ConfigureAwait(false);
        }
        catch (CliFault fault) when (fault.Status == 404)
        {
            return null;
        }
    }

    /// <summary>The accelerator of a uuid or name.</summary>
    /// <exception cref="CliFault">There is none.</exception>
    public static async Task<JsonNode> FindAsync(VerbCall call, string word)
    {
        if (Guid.TryParse(word, out var uuid))
            return await GetAsync(call, uuid.ToString()).ConfigureAwait(false);
        var found = await ListAsync(call, [("name", word)], 1).ConfigureAwait(false);
        return found.Count > 0 ? found[0] : throw CliFault.Failed($"there is no accelerator named {Printable.Escape(word, 200)}; cyborg accelerator-list shows all");
    }

    /// <summary>Accelerators, page after page.</summary>
    /// <param name="call">The run.</param>
    /// <param name="filters">Arguments of the query.</param>
    /// <param name="limit">Most of them; null for all.</param>
    public static async Task<IReadOnlyList<JsonNode>> ListAsync(VerbCall call, IReadOnlyList<(string Name, string? Value)> filters, int? limit)
    {
        var found = new List<JsonNode>();
        IEnumerable<(string Name, string? Value)> asked = limit is null ? filters : [.. filters, ("limit", $"{limit}")];
        while (true)
        {
            var page = await call.Client.GetAsync(QueryText.Of(Root, asked), call.Stop).ConfigureAwait(false);
            var rows = Page.List(page["accelerator"]).Rows;
            found.AddRange(limit is null ? rows : rows.Take(limit.Value - found.Count));
            // The service says whether there are more; where its link leads is known here.
            if (page["accelerator_links"] is not JsonArray { Count: > 0 } || rows.Count == 0 || found.Count >= limit)
                return found;
            var left = limit is { } most ? $"{most - found.Count}" : null;
            asked = [.. filters.Where(filter => filter.Name != "marker"), ("limit", left), ("marker", Uuid(rows[^1]))];
        }
    }

    /// <summary>Waits until an accelerator is as it is to be.</summary>
    /// <param name="call">A run with <c>--wait</c>.</param>
    /// <param name="uuid">Which.</param>
    /// <param name="isDone">Whether it is so.</param>
    /// <param name="what">For the message: <c>accelerator x is being made</c>.</param>
    /// <exception cref="CliFault">It is in error, gone, or takes too long.</exception>
    public static Task<JsonNode> UntilAsync(VerbCall call, string uuid, Func<JsonNode, bool> isDone, string what) =>
        call.Wait!.UntilAsync(
            async () =>
            {
                var now = await GetAsync(call, uuid).ConfigureAwait(false);
                return IsInError(now) ? throw InError(now) : isDone(now) ? now : null;
            },
            what, call.Stop);

    /// <summary>The state's word.</summary>
    public static string? State(JsonNode accelerator) => (string?)accelerator["state"];

    /// <summary>True if it is in error.</summary>
    public static bool IsInError(JsonNode accelerator) => State(accelerator) == "error";

    /// <summary>The fault of an accelerator that is in error.</summary>
    public static CliFault InError(JsonNode accelerator) =>
        CliFault.Failed($"accelerator {Uuid(accelerator)} is in error: {Printable.Escape((string?)accelerator["state_reason"] ?? "no reason is known", 1000)}");
}
