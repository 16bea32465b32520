using System.CommandLine;
using System.Text.Json.Nodes;

namespace Cyborg.Cli;

/// <summary><c>cyborg usage</c>: <c>GET /v1/accelerators/{uuid}/usage</c>, of one accelerator or of all. What is not known is never shown as 0.</summary>
internal sealed class UsageShow : Verb
{
    private readonly Argument<string?> _accelerator = new("accelerator")
    {
        Description = AcceleratorCalls.WordHelp + " All if not given.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<string?> _host;

    public UsageShow() : base("usage", "Shows how much accelerators are used: a row for each figure that is known.", "Asking for the usage")
    {
        Command.Add(_accelerator);
        _host = Flag("--host", "HOST", "Those of this host.");
    }

    protected override IReadOnlyList<Column> Columns =>
    [
        Column.Of("uuid"), Column.Of("name"), Column.Of("figure"), Column.Of("value"), Column.Of("measured_at"), Column.Of("unknown_since"),
    ];

    protected override async Task<Page> RunAsync(VerbCall call)
    {
        IReadOnlyList<JsonNode> asked = call.Parsed.GetValue(_accelerator) is { } word
            ? [await AcceleratorCalls.FindAsync(call, word).ConfigureAwait(false)]
            : await AcceleratorCalls.ListAsync(call, [("host", call.Get(_host))], null).ConfigureAwait(false);
        var rows = new List<JsonNode>();
        foreach (var one in asked)
        {
            var usage = await call.Client.GetAsync($"{AcceleratorCalls.Path(AcceleratorCalls.Uuid(one))}/usage", call.Stop).ConfigureAwait(false);
            rows.AddRange(Rows(one, usage));
        }
        return new Page(rows, IsOne: false);
    }

    private static IEnumerable<JsonNode> Rows(JsonNode accelerator, JsonNode usage)
    {
        if (usage["usage"] is not JsonObject { Count: > 0 } figures)
        {
            // One row says that, and since when, nothing is known.
            yield return Row(accelerator, usage, null, "unknown");
            yield break;
        }
        foreach (var (figure, value) in figures)
            yield return Row(accelerator, usage, figure, value?.DeepClone());
    }

    private static JsonObject Row(JsonNode accelerator, JsonNode usage, string? figure, JsonNode? value) => new()
    {
        ["uuid"] = AcceleratorCalls.Uuid(accelerator),
        ["name"] = (string?)accelerator["name"],
        ["figure"] = figure,
        ["value"] = value,
        ["measured_at"] = usage["measured_at"]?.DeepClone(),
        ["unknown_since"] = usage["unknown_since"]?.DeepClone(),
    };
}
