using System.CommandLine;

namespace Cyborg.Cli;

/// <summary><c>cyborg uninstall-driver</c>: <c>DELETE /v1/drivers/{id}</c>.</summary>
internal sealed class UninstallDriver : Verb
{
    private readonly Argument<string> _driver;
    private readonly Option<string?> _host;

    public UninstallDriver() : base("uninstall-driver", "Takes a driver package from a host, unless a device of it is in use.", "Uninstalling the driver")
    {
        _driver = Word("driver_id", "The driver's id.");
        _host = Flag("--host", "HOST", "The host; needed where several have it.");
    }

    protected override async Task<Page> RunAsync(VerbCall call)
    {
        var path = QueryText.Of($"/v1/drivers/{Uri.EscapeDataString(call.Get(_driver))}", ("host", call.Get(_host)));
        await call.Client.SendAsync(HttpMethod.Delete, path, null, call.Stop).ConfigureAwait(false);
        return Page.Nothing;
    }
}
