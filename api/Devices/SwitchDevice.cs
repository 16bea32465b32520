using Cyborg.Api.Calls;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.Devices;

/// <summary><c>POST /v2/devices/{uuid}/enable</c> and <c>/disable</c>: 204 without a body, whatever the API reference says of 200. A body
/// is not looked at, as upstream.</summary>
internal static class SwitchDevice
{
    public static Task<Reply> EnableAsync(ApiCall call) => SwitchAsync(call, Verbs.EnableDevice);

    public static Task<Reply> DisableAsync(ApiCall call) => SwitchAsync(call, Verbs.DisableDevice);

    private static async Task<Reply> SwitchAsync(ApiCall call, Verb<ById, Done> verb)
    {
        call.Query();
        await call.AskAsync(verb, new ById(call.PathUuidOrNotFound("uuid", "Device"))).ConfigureAwait(false);
        return Reply.NoContent;
    }
}
