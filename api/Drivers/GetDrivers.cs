using Cyborg.Api.Calls;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.Drivers;

/// <summary><c>GET /v1/drivers</c> and <c>/v1/drivers/{id}</c>: the drivers of all hosts, or of one (<c>?host=</c>).</summary>
internal static class GetDrivers
{
    public static async Task<Reply> ListAsync(ApiCall call)
    {
        var host = call.Query("host").NonEmpty("host");
        var found = await call.AskAsync(Verbs.ListDrivers, new ListDrivers(null, host)).ConfigureAwait(false);
        return Reply.List("drivers", DriverJson.Group(found.Drivers), DriverJson.Write);
    }

    public static async Task<Reply> ShowAsync(ApiCall call)
    {
        var host = call.Query("host").NonEmpty("host");
        var found = await call.AskAsync(Verbs.ListDrivers, new ListDrivers(DriverBody.PathId(call), host)).ConfigureAwait(false);
        return Reply.Ok(writer => DriverJson.Write(writer, DriverJson.Group(found.Drivers)[0]));
    }
}
