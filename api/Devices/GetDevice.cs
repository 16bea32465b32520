using Cyborg.Api.Calls;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.Devices;

/// <summary><c>GET /v2/devices/{uuid}</c>.</summary>
internal static class GetDevice
{
    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        call.Query();
        var device = await call.AskAsync(Verbs.ShowDevice, new ById(call.PathUuidOrNotFound("uuid", "Device"))).ConfigureAwait(false);
        return Reply.Ok(writer => DeviceJson.Write(writer, device, call));
    }
}
