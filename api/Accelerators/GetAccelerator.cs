using Cyborg.Api.Calls;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Api.Accelerators;

/// <summary><c>GET /v1/accelerators/{uuid}</c>; its ETag is the generation of its spec.</summary>
internal static class GetAccelerator
{
    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        call.Query();
        return Shown(await call.AskAsync(Verbs.ShowAccelerator, new ById(Uuid(call))).ConfigureAwait(false), call);
    }

    /// <summary>The uuid in the path; what is none is nobody's.</summary>
    /// <exception cref="Errors.ApiException">404.</exception>
    internal static Guid Uuid(ApiCall call) => call.PathUuidOrNotFound("uuid", "Accelerator");

    /// <summary>200 with an accelerator.</summary>
    internal static Reply Shown(Accelerator accelerator, ApiCall call) =>
        Reply.Ok(writer => AcceleratorJson.Write(writer, accelerator, call)) with { ETag = IfMatch.Tag(accelerator.Generation) };
}
