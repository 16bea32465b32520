using System.CommandLine;

namespace Cyborg.Cli;

/// <summary><c>cyborg driver-list</c>: <c>GET /v1/drivers</c>.</summary>
internal sealed class DriverList : Verb
{
    private readonly Option<string?> _host;

    public DriverList()
        : base("driver-list", "Lists the drivers of all hosts with their backends.", "Listing drivers") =>
        _host = Flag("--host", "HOST", "Those of this host.");

    protected override IReadOnlyList<Column> Columns => DriverRows.Columns;

    protected override IReadOnlyList<string> Shown => DriverRows.OfList;

    protected override async Task<Page> RunAsync(VerbCall call)
    {
        var found = await call.Client.GetAsync(QueryText.Of("/v1/drivers", ("host", call.Get(_host))), call.Stop).ConfigureAwait(false);
        return new Page([.. Page.List(found["drivers"]).Rows.SelectMany(DriverRows.Of)], IsOne: false);
    }
}
