using Cyborg.Api.Calls;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.Accelerators;

/// <summary><c>POST /v1/accelerators</c> and <c>/v1/accelerators/{uuid}</c>: has a backend make an accelerator. 201 without a body, with the accelerator's
/// address: without a version, as the proposal writes it.</summary>
internal static class PostAccelerators
{
    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        call.Query();
        Guid? pathUuid = call.Path("uuid") is null ? null : call.PathUuid("uuid");
        var ask = AcceleratorBody.ParseNew(await call.ReadBodyAsync("accelerator").ConfigureAwait(false), pathUuid, call.Version);
        var created = await call.AskAsync(Verbs.CreateAccelerator, ask).ConfigureAwait(false);
        return Reply.CreatedAt(call.Links.Unversioned("accelerators", created.Uuid));
    }
}
