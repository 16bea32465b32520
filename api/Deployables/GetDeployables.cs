using System.Collections.Frozen;
using Cyborg.Api.Calls;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.Deployables;

/// <summary><c>GET /v2/deployables</c>: filtered with the form <c>filters.field=name&amp;filters.value=N</c> only, as upstream.</summary>
internal static class GetDeployables
{
    private static readonly FrozenSet<string> SortKeys = new[]
    {
        "id", "uuid", "name", "num_accelerators", "device_id", "created_at", "updated_at",
    }.ToFrozenSet(StringComparer.Ordinal);

    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        var filters = ListFilters.Parse(call.QueryWith(ListFilters.Arguments), SortKeys, otherFilter: false);
        return await call.ListAsync(ListKind.Inventory, async () =>
        {
            var found = await call.AskAsync(Verbs.ListDeployables, new ListDeployables(filters.Name, filters.Options)).ConfigureAwait(false);
            return (found.Revision, Reply.List("deployables", found.Deployables, (writer, deployable) => DeployableJson.Write(writer, deployable, call)));
        }).ConfigureAwait(false);
    }
}
