using Cyborg.Api.Calls;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.Drivers;

/// <summary><c>POST /v1/drivers</c> installs a package on a host, <c>PUT /v1/drivers/{id}</c> puts another version in its place: both answer the driver with the
/// backends that it has. <c>DELETE /v1/drivers/{id}</c> uninstalls it.</summary>
internal static class ChangeDrivers
{
    public static async Task<Reply> InstallAsync(ApiCall call)
    {
        call.Query();
        var ask = DriverBody.ParseNew(await call.ReadBodyAsync("driver").ConfigureAwait(false));
        var driver = await call.AskAsync(Verbs.InstallDriver, ask).ConfigureAwait(false);
        return Reply.Created(writer => DriverJson.Write(writer, DriverJson.Group([driver])[0])) with
        {
            Location = $"{call.Links.V1("drivers")}/{driver.Id}",
        };
    }

    public static async Task<Reply> UpdateAsync(ApiCall call)
    {
        call.Query();
        var id = DriverBody.PathId(call);
        var ask = DriverBody.ParseChange(await call.ReadBodyAsync("driver").ConfigureAwait(false), id);
        var driver = await call.AskAsync(Verbs.UpdateDriver, ask).ConfigureAwait(false);
        return Reply.Ok(writer => DriverJson.Write(writer, DriverJson.Group([driver])[0]));
    }

    public static async Task<Reply> UninstallAsync(ApiCall call)
    {
        var host = call.Query("host").NonEmpty("host");
        await call.AskAsync(Verbs.UninstallDriver, new UninstallDriver(DriverBody.PathId(call), host)).ConfigureAwait(false);
        return Reply.NoContent;
    }
}
