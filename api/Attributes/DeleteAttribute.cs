using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.Attributes;

/// <summary><c>DELETE /v2/attributes/{uuid}</c>.</summary>
internal static class DeleteAttribute
{
    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        // WSME takes the argument from the query as well as from the path.
        var query = call.Query("uuid");
        var text = call.Path("uuid") ?? query.NonEmpty("uuid") ?? throw ApiException.Malformed("Missing argument: \"uuid\"");
        if (!UuidText.TryParse(text, out var uuid))
            throw new ApiException(ApiError.NotFound, $"Attribute not found with uuid={ApiException.Shown(text)}");
        await call.AskAsync(Verbs.DeleteAttribute, new ById(uuid)).ConfigureAwait(false);
        return Reply.NoContent;
    }
}
