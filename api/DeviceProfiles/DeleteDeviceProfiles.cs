using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.DeviceProfiles;

/// <summary><c>DELETE /v2/device_profiles/{uuid or names}</c> or <c>?value=names</c>: one uuid, or names with commas between them. All or none
/// (upstream deletes those before the first missing one).</summary>
internal static class DeleteDeviceProfiles
{
    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        var query = call.Query("value");
        var (path, value) = (call.Path("profile"), query.NonEmpty("value"));
        if (path is not null && query.Text("value") is not null)
            throw ApiException.Malformed("The argument \"value\" is given in the path and in the query.");
        var text = path ?? value ?? throw ApiException.Malformed("Missing argument: \"value\"");
        await call.AskAsync(Verbs.DeleteProfiles, new DeleteProfiles(Named(text))).ConfigureAwait(false);
        return Reply.NoContent;
    }

    internal static IReadOnlyList<ShowProfile> Named(string text) => UuidText.TryParse(text, out var uuid)
        ? [new ShowProfile(uuid, null)]
        : [.. text.Split(',').Distinct(StringComparer.Ordinal).Select(name => new ShowProfile(null, name))];
}
