using System.Text.Json.Nodes;

namespace Cyborg.Conductor.Nova;

/// <summary>Has Nova attach an accelerator to a running server, or detach it: the server actions <c>acc-attach</c> and <c>acc-detach</c>, which name the
/// accelerator request and are idempotent by it. Nova answers 202 and works on; a Nova that does not have them refuses.</summary>
internal sealed class NovaServerActions(NovaEndpoint nova)
{
    /// <summary>Has Nova attach what the accelerator request holds.</summary>
    public Task<ServerActionResult> AttachAsync(Guid server, Guid arq, CancellationToken stop) => ActAsync("acc-attach", server, arq, stop);

    /// <summary>Has Nova detach it.</summary>
    public Task<ServerActionResult> DetachAsync(Guid server, Guid arq, CancellationToken stop) => ActAsync("acc-detach", server, arq, stop);

    private async Task<ServerActionResult> ActAsync(string action, Guid server, Guid arq, CancellationToken stop)
    {
        var body = new JsonObject { [action] = new JsonObject { ["accelerator_request_uuid"] = arq.ToString() } };
        var answer = await nova.PostAsync($"/servers/{server}/action", System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()), stop);
        return ServerActionResult.Of(answer, server);
    }
}
