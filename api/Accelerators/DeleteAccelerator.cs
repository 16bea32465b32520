using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Api.Versions;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Api.Accelerators;

/// <summary><c>DELETE /v1/accelerators/{uuid}</c> detaches, as the proposal has it: the accelerator stays. With <c>?deprovision=true</c> (1.1) the backend that
/// made it takes it away.</summary>
internal static class DeleteAccelerator
{
    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        var query = call.Version.AtLeast(MicroversionsV1.Operable) ? call.Query("deprovision") : call.Query();
        var uuid = GetAccelerator.Uuid(call);
        if (!Deprovision(query))
        {
            await call.AuthorizeAsync(AcceleratorPolicies.Detach).ConfigureAwait(false);
            return await DetachAsync(call, uuid).ConfigureAwait(false);
        }
        await call.AuthorizeAsync(AcceleratorPolicies.Delete).ConfigureAwait(false);
        await call.AskAsync(Verbs.DeleteAccelerator, new ById(uuid)).ConfigureAwait(false);
        return Reply.NoContent;
    }

    private static async Task<Reply> DetachAsync(ApiCall call, Guid uuid)
    {
        await call.AskAsync(Verbs.ShowAccelerator, new ById(uuid)).ConfigureAwait(false);
        throw new FaultException(FaultCode.Conflict, $"Accelerator {uuid} is attached to nothing by version 1 of the API.");
    }

    private static bool Deprovision(QueryArguments query) => query.NonEmpty("deprovision") switch
    {
        null => false,
        var text when text.Equals("true", StringComparison.OrdinalIgnoreCase) => true,
        var text when text.Equals("false", StringComparison.OrdinalIgnoreCase) => false,
        var other => throw ApiException.Malformed($"The deprovision value \"{ApiException.Shown(other)}\" is neither true nor false"),
    };
}
