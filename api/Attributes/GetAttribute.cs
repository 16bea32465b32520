using Cyborg.Api.Calls;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.Attributes;

/// <summary><c>GET /v2/attributes/{uuid}</c>.</summary>
internal static class GetAttribute
{
    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        call.Query();
        var attribute = await call.AskAsync(Verbs.ShowAttribute, new ById(call.PathUuid("uuid"))).ConfigureAwait(false);
        return Reply.Ok(writer => AttributeJson.Write(writer, attribute, call));
    }
}
