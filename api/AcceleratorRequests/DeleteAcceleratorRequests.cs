using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.AcceleratorRequests;

/// <summary><c>DELETE /v2/accelerator_requests?arqs=u1,u2</c>, <c>/{uuid}</c> (openstacksdk) or <c>?instance=u</c>. By uuid: all must exist, and
/// one bound to an instance is Nova's alone. By instance: always 204, for Nova asks again and again.</summary>
internal static class DeleteAcceleratorRequests
{
    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        var query = call.Query("arqs", "instance");
        if (call.Path("arqs") is not null && query.Text("arqs") is not null)
            throw ApiException.Malformed("The argument \"arqs\" is given in the path and in the query.");
        var arqs = call.Path("arqs") ?? query.NonEmpty("arqs");
        var instance = query.NonEmpty("instance") is null ? null : query.Uuid("instance");
        if (arqs is null == instance is null)
            throw ApiException.Malformed("Object action delete failed because: Provide either an ARQ uuid list or an instance UUID");
        if (instance is { } uuid)
        {
            ServiceToken.Require(call.Caller);
            await call.AskAsync(Verbs.DeleteInstanceArqs, new DeleteInstanceArqs(call.Caller.Scope, uuid)).ConfigureAwait(false);
        }
        else
        {
            await DeleteByUuidAsync(call, ParseList(arqs!)).ConfigureAwait(false);
        }
        return Reply.NoContent;
    }

    /// <summary>The uuids of a list with commas; the same one twice counts once.</summary>
    /// <exception cref="ApiException">404: a word that is no uuid names nothing, as upstream; 400: too many.</exception>
    internal static IReadOnlyList<Guid> ParseList(string arqs)
    {
        var uuids = new List<Guid>();
        foreach (var text in arqs.Split(','))
        {
            if (!UuidText.TryParse(text.Trim(), out var uuid))
                throw new ApiException(ApiError.NotFound, $"ExtArq not found with uuid={ApiException.Shown(text)}");
            if (!uuids.Contains(uuid))
                uuids.Add(uuid);
            if (uuids.Count > BindPatch.MaxArqs)
                throw ApiException.Malformed($"One request deletes {BindPatch.MaxArqs} accelerator requests at most.");
        }
        return uuids;
    }

    private static async Task DeleteByUuidAsync(ApiCall call, IReadOnlyList<Guid> uuids)
    {
        var caller = call.Caller;
        // Others see their own project's requests only, for which the check before the handler was the right one; a service acts for the
        // instance's owner, whoever asked.
        if (caller.IsAdmin && !caller.IsService)
        {
            foreach (var uuid in uuids)
            {
                var arq = await call.AskAsync(Verbs.ShowArq, new ShowArq(caller.Scope, uuid)).ConfigureAwait(false);
                await call.AuthorizeAsync(ArqPolicies.Delete, arq.ProjectId).ConfigureAwait(false);
            }
        }
        await call.AskAsync(Verbs.DeleteArqs, new DeleteArqs(caller.Scope, uuids, AlsoBound: caller.IsService)).ConfigureAwait(false);
    }
}
