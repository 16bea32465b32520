using Cyborg.Api.Calls;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.DeviceProfiles;

/// <summary><c>GET /v2/device_profiles</c>, with <c>?name=a,b</c> those of any of the names; an empty name is nobody's.</summary>
internal static class GetDeviceProfiles
{
    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        var names = call.Query("name").Text("name")?.Split(',');
        return await call.ListAsync(ListKind.Profiles, async () =>
        {
            var found = await call.AskAsync(Verbs.ListProfiles, new ListProfiles(names)).ConfigureAwait(false);
            return (found.Revision, Reply.List("device_profiles", found.Profiles, (writer, profile) => DeviceProfileJson.Write(writer, profile, call)));
        }).ConfigureAwait(false);
    }
}
