using System.CommandLine;

namespace Cyborg.Cli;

/// <summary><c>cyborg service-list</c>: <c>GET /v1/services</c>.</summary>
internal sealed class ServiceList : Verb
{
    private readonly Option<string?> _host;

    public ServiceList()
        : base("service-list", "Lists what the backends of all hosts offer.", "Listing services") => _host = Flag("--host", "HOST", "Those of this host.");

    protected override IReadOnlyList<Column> Columns => ServiceColumns.All;

    protected override async Task<Page> RunAsync(VerbCall call)
    {
        var found = await call.Client.GetAsync(QueryText.Of("/v1/services", ("host", call.Get(_host))), call.Stop).ConfigureAwait(false);
        return Page.List(found["services"]);
    }
}
