using Cyborg.Api.Calls;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.Attributes;

/// <summary><c>GET /v2/attributes</c>, of one deployable or of one key if asked so.</summary>
internal static class GetAttributes
{
    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        var query = call.Query("deployable_id", "key");
        var ask = new ListAttributes(query.Integer("deployable_id"), query.NonEmpty("key"));
        return await call.ListAsync(ListKind.Inventory, async () =>
        {
            var found = await call.AskAsync(Verbs.ListAttributes, ask).ConfigureAwait(false);
            return (found.Revision, Reply.List("attributes", found.Attributes, (writer, attribute) => AttributeJson.Write(writer, attribute, call)));
        }).ConfigureAwait(false);
    }
}
