namespace Cyborg.Cli;

/// <summary><c>cyborg install-driver</c>: <c>POST /v1/drivers</c>.</summary>
internal sealed class InstallDriver()
    : DriverChange("install-driver", "Installs a driver package on a host, and shows the backends that it found.", "Installing the driver")
{
    protected override async Task<Page> RunAsync(VerbCall call)
    {
        var body = Body(call);
        body["driver_id"] = Id(call);
        return DriverRows.PageOf(await call.Client.SendAsync(HttpMethod.Post, "/v1/drivers", body, call.Stop).ConfigureAwait(false));
    }
}
