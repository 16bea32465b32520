using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Api.Versions;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.DeviceProfiles;

/// <summary><c>GET /v2/device_profiles/{uuid or name}</c>; a name needs 2.2. The one answer for one object that has a wrapper.</summary>
internal static class GetDeviceProfile
{
    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        call.Query();
        var profile = await call.AskAsync(Verbs.ShowProfile, Named(call)).ConfigureAwait(false);
        return Reply.Ok(writer =>
        {
            writer.WriteStartObject();
            writer.WritePropertyName("device_profile");
            DeviceProfileJson.Write(writer, profile, call);
            writer.WriteEndObject();
        });
    }

    private static ShowProfile Named(ApiCall call)
    {
        var text = call.Path("profile")!;
        if (UuidText.TryParse(text, out var uuid))
            return new ShowProfile(uuid, null);
        return call.Version.AtLeast(Microversions.ProfileByName)
            ? new ShowProfile(null, text)
            : throw new ApiException(
                ApiError.NeedsNewerVersion, $"Request not acceptable. The minimal required API version should be 2.{Microversions.ProfileByName}");
    }
}
