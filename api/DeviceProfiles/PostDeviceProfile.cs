using Cyborg.Api.Calls;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.DeviceProfiles;

/// <summary><c>POST /v2/device_profiles</c>: a list in, a bare object out.</summary>
internal static class PostDeviceProfile
{
    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        call.Query();
        var ask = NewDeviceProfile.Parse(await call.ReadBodyAsync("req_devprof_list").ConfigureAwait(false));
        var made = await call.AskAsync(Verbs.CreateProfile, ask).ConfigureAwait(false);
        return Reply.Created(writer => DeviceProfileJson.Write(writer, made, call));
    }
}
