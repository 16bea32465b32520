using System.Text.Json.Nodes;
using Cyborg.Hosting;

namespace Cyborg.Cli;

/// <summary><c>cyborg discover-services</c>: <c>POST /v1/services/discover</c>.</summary>
internal sealed class DiscoverServices : Verb
{
    private readonly System.CommandLine.Option<string?> _host;

    public DiscoverServices()
        : base("discover-services", "Has every backend asked what it offers, and lists that.", "Asking every host") =>
        _host = Flag("--host", "HOST", "Ask this host alone.");

    protected override IReadOnlyList<Column> Columns => ServiceColumns.All;

    protected override async Task<Page> RunAsync(VerbCall call)
    {
        var path = QueryText.Of("/v1/services/discover", ("host", call.Get(_host)));
        var answer = await call.Client.SendAsync(HttpMethod.Post, path, null, call.Stop).ConfigureAwait(false);
        var silent = (answer.Body?["silent_hosts"] as JsonArray ?? []).OfType<JsonObject>()
            .Select(one => $"host {Printable.Escape((string?)one["host"] ?? "", 255)} did not answer: {Printable.Escape((string?)one["reason"] ?? "", 1000)}")
            .ToList();
        // What the others said is shown all the same.
        return Page.List(answer.Body?["services"]) with { Notes = silent, Code = silent.Count == 0 ? ExitCodes.Done : ExitCodes.Failed };
    }
}
