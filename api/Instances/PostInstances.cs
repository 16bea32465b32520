using Cyborg.Api.Accelerators;
using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Api.Instances;

/// <summary><c>POST /v1/instances/{id}/attach</c> and <c>/detach</c>: <c>attach-instance</c> and <c>detach-instance</c> of the Pike proposal (generic driver).
/// With an accelerator or a device profile; with neither, the one free accelerator that there is, or all that the instance has.</summary>
internal static class PostInstances
{
    /// <summary>Attaches an accelerator to a running instance; answers it.</summary>
    public static async Task<Reply> AttachAsync(ApiCall call)
    {
        call.Query();
        var instance = call.PathUuid("id");
        var (word, profile) = InstanceBody.ParseAttach(await call.ReadBodyAsync("attach").ConfigureAwait(false));
        var accelerator = await FindAsync(call, word).ConfigureAwait(false);
        return await Attaching.AttachAsync(call, new AttachAccelerator(accelerator, profile, AttachTarget.Instance, instance.ToString())).ConfigureAwait(false);
    }

    /// <summary>Detaches an accelerator, or all of them, from an instance.</summary>
    public static async Task<Reply> DetachAsync(ApiCall call)
    {
        call.Query();
        var instance = call.PathUuid("id");
        var word = InstanceBody.ParseDetach(await call.ReadBodyAsync("detach").ConfigureAwait(false));
        var accelerator = await FindAsync(call, word).ConfigureAwait(false);
        return await Attaching.DetachAsync(call, new DetachAccelerator(accelerator, AttachTarget.Instance, instance.ToString())).ConfigureAwait(false);
    }

    // A uuid is one: what has it for a name is found by its own uuid alone.
    private static async Task<Guid?> FindAsync(ApiCall call, string? word)
    {
        if (word is null)
            return null;
        if (UuidText.TryParse(word, out var uuid))
            return uuid;
        var found = await call.AskAsync(Verbs.ListAccelerators, new ListAccelerators { Name = word }).ConfigureAwait(false);
        return found.Accelerators is [var only, ..] ? only.Uuid : throw new ApiException(ApiError.NotFound, $"Accelerator not found with name={ApiException.Shown(word)}");
    }
}
