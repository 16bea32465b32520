using Cyborg.Api.Calls;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.AcceleratorRequests;

/// <summary><c>GET /v2/accelerator_requests/{uuid}</c>; another project's is not found.</summary>
internal static class GetAcceleratorRequest
{
    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        call.Query();
        var arq = await call.AskAsync(Verbs.ShowArq, new ShowArq(call.Caller.Scope, call.PathUuid("uuid"))).ConfigureAwait(false);
        if (arq.ProjectId != call.Caller.ProjectId)
            await call.AuthorizeAsync(ArqPolicies.GetOne, arq.ProjectId).ConfigureAwait(false);
        return Reply.Ok(writer => ArqJson.Write(writer, arq, call));
    }
}
