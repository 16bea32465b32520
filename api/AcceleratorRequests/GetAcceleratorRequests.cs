using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Api.AcceleratorRequests;

/// <summary><c>GET /v2/accelerator_requests</c>. With <c>bind_state=resolved</c> and an instance: all of its requests, or 423 while one is still
/// being bound. With <c>bind_state</c> alone: those that are resolved.</summary>
internal static class GetAcceleratorRequests
{
    private const string Resolved = "resolved";

    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        var query = call.Query("bind_state", "instance");
        var bindState = query.NonEmpty("bind_state");
        if (bindState is not (null or Resolved))
            throw ApiException.Malformed($"Bad state: {ApiException.Shown(bindState)} for ARQ: None. Expected state(s): ['{Resolved}']");
        var instance = query.Uuid("instance");
        var found = await call.AskAsync(Verbs.ListArqs, new ListArqs(call.Caller.Scope, instance)).ConfigureAwait(false);
        return bindState is null ? ArqJson.List(call, found.Arqs) : ArqJson.List(call, SelectResolved(found.Arqs, instance is not null));
    }

    /// <summary>What a waiting client may see.</summary>
    /// <exception cref="ApiException">423: it must wait on.</exception>
    internal static IReadOnlyList<AcceleratorRequest> SelectResolved(IReadOnlyList<AcceleratorRequest> arqs, bool ofOneInstance)
    {
        IReadOnlyList<AcceleratorRequest> resolved = [.. arqs.Where(arq => ArqStates.Resolved.Contains(arq.State))];
        return ofOneInstance && resolved.Count < arqs.Count
            ? throw new ApiException(ApiError.Unresolved, "Some accelerator requests of the instance are still being bound.")
            : resolved;
    }
}
