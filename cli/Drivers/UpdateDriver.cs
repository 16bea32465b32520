namespace Cyborg.Cli;

/// <summary><c>cyborg update-driver</c>: <c>PUT /v1/drivers/{id}</c>.</summary>
internal sealed class UpdateDriver() : DriverChange("update-driver", "Puts another version of a driver package in its place.", "Updating the driver")
{
    protected override async Task<Page> RunAsync(VerbCall call) => DriverRows.PageOf(
        await call.Client.SendAsync(HttpMethod.Put, $"/v1/drivers/{Uri.EscapeDataString(Id(call))}", Body(call), call.Stop).ConfigureAwait(false));
}
