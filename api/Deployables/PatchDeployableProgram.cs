using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.Deployables;

/// <summary><c>PATCH /v2/deployables/{uuid}/program</c>, and with the uuid once more behind it, as openstacksdk sends it.</summary>
internal static class PatchDeployableProgram
{
    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        call.Query();
        var uuid = call.PathUuid("uuid");
        if (call.Path("again") is { } again && UuidText.Parse("uuid", again) != uuid)
            throw ApiException.Malformed("The path names two deployables.");
        var image = ProgramPatch.ParseImage(await call.ReadBodyAsync("program_info").ConfigureAwait(false));
        var deployable = await call.AskAsync(Verbs.ProgramDeployable, new ProgramDeployable(uuid, image)).ConfigureAwait(false);
        return Reply.Ok(writer => DeployableJson.Write(writer, deployable, call));
    }
}
