using Cyborg.Api.Calls;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.Deployables;

/// <summary><c>GET /v2/deployables/{uuid}</c>.</summary>
internal static class GetDeployable
{
    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        call.Query();
        var deployable = await call.AskAsync(Verbs.ShowDeployable, new ById(call.PathUuid("uuid"))).ConfigureAwait(false);
        return Reply.Ok(writer => DeployableJson.Write(writer, deployable, call));
    }
}
