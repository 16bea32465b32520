using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Api.Versions;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.Accelerators;

/// <summary><c>DELETE /v1/accelerators/{uuid}</c> detaches, as the proposal has it: the accelerator stays. 1.1 may narrow it: <c>?instance=UUID</c> or
/// <c>?host=NAME</c>. With <c>?deprovision=true</c> (1.1) the backend that made it takes it away.</summary>
internal static class DeleteAccelerator
{
    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        var query = call.Version.AtLeast(MicroversionsV1.Operable) ? call.Query("deprovision", "instance", "host") : call.Query();
        var uuid = GetAccelerator.Uuid(call);
        var goal = Goal(query);
        if (!Deprovision(query))
        {
            await call.AuthorizeAsync(AcceleratorPolicies.Detach).ConfigureAwait(false);
            return await Attaching.DetachAsync(call, new DetachAccelerator(uuid, goal.Type, goal.Id)).ConfigureAwait(false);
        }
        if (goal.Type is not null)
            throw ApiException.Malformed("What is taken away is detached from nothing: deprovision goes with neither instance nor host.");
        await call.AuthorizeAsync(AcceleratorPolicies.Delete).ConfigureAwait(false);
        await call.AskAsync(Verbs.DeleteAccelerator, new ById(uuid)).ConfigureAwait(false);
        return Reply.NoContent;
    }

    private static AttachGoal Goal(QueryArguments query) => (query.Uuid("instance"), query.NonEmpty("host")) switch
    {
        (null, null) => AttachGoal.Unsaid,
        ({ } instance, null) => AttachGoal.Instance(instance),
        (null, { } host) => AttachGoal.Host(host),
        _ => throw ApiException.Malformed("It takes an instance or a host, not both."),
    };

    private static bool Deprovision(QueryArguments query) => query.NonEmpty("deprovision") switch
    {
        null => false,
        var text when text.Equals("true", StringComparison.OrdinalIgnoreCase) => true,
        var text when text.Equals("false", StringComparison.OrdinalIgnoreCase) => false,
        var other => throw ApiException.Malformed($"The deprovision value \"{ApiException.Shown(other)}\" is neither true nor false"),
    };
}
