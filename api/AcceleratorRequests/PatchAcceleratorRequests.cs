using Cyborg.Api.Calls;
using Cyborg.Api.Versions;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Api.AcceleratorRequests;

/// <summary><c>PATCH /v2/accelerator_requests</c>: Nova binds and unbinds. A uuid behind it, as openstacksdk sends, is not looked at: the body
/// names the requests. Only a service may; being an administrator is not enough.</summary>
internal static class PatchAcceleratorRequests
{
    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        call.Query();
        var body = await call.ReadBodyAsync("patch_list").ConfigureAwait(false);
        var patch = BindPatch.Parse(body, new PatchRights(call.Version.AtLeast(Microversions.ProjectIdInPatch), call.Caller.IsAdmin));
        ServiceToken.Require(call.Caller);
        var scope = call.Caller.Scope;
        try
        {
            if (patch.Bindings.Count > 0)
                await call.AskAsync(Verbs.BindArqs, new BindArqs(scope, patch.Bindings)).ConfigureAwait(false);
            else
                await call.AskAsync(Verbs.UnbindArqs, new UnbindArqs(scope, patch.Unbinds)).ConfigureAwait(false);
        }
        catch (FaultException fault) when (fault.Code == FaultCode.InstanceHasArqs)
        {
            // Upstream finds this one while it looks at the patch, and says so.
            throw new FaultException(fault.Code, BindPatch.Prefix + fault.Message, fault);
        }
        return Reply.Accepted;
    }
}
