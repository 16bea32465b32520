using System.Text.Json;
using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Api.Accelerators;

/// <summary><c>PUT /v1/accelerators/{uuid}</c> and <c>/v1/accelerators/{uuid}/{acc_spec}</c>. What is wanted is told apart by the body, here and nowhere
/// else; each has a rule of its own.</summary>
internal static class PutAccelerator
{
    /// <summary>A new spec, a new state, or an attachment.</summary>
    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        call.Query();
        var uuid = GetAccelerator.Uuid(call);
        var body = await call.ReadBodyAsync("accelerator").ConfigureAwait(false);
        switch (AcceleratorBody.KindOf(body, call.Version))
        {
            case PutKind.Attach:
                await call.AuthorizeAsync(AcceleratorPolicies.Attach).ConfigureAwait(false);
                return await AttachAsync(call, uuid, body).ConfigureAwait(false);
            case PutKind.State:
                await call.AuthorizeAsync(AcceleratorPolicies.Ready).ConfigureAwait(false);
                return await SetStateAsync(call, uuid, AcceleratorBody.ParseReady(body)).ConfigureAwait(false);
            default:
                await call.AuthorizeAsync(AcceleratorPolicies.Update).ConfigureAwait(false);
                return await UpdateAsync(call, uuid, body, word: null).ConfigureAwait(false);
        }
    }

    /// <summary>A new spec, or a new part of it.</summary>
    public static async Task<Reply> SpecAsync(ApiCall call)
    {
        call.Query();
        var uuid = GetAccelerator.Uuid(call);
        return await UpdateAsync(call, uuid, await call.ReadBodyAsync("acc_specs").ConfigureAwait(false), call.Path("acc_spec")).ConfigureAwait(false);
    }

    private static async Task<Reply> UpdateAsync(ApiCall call, Guid uuid, JsonElement body, string? word)
    {
        var change = AcceleratorBody.ParseChange(body, word);
        var generations = IfMatch.Parse(call.Header("If-Match"));
        await call.AskAsync(Verbs.UpdateAccelerator, new UpdateAccelerator(uuid, change, generations)).ConfigureAwait(false);
        return await ShowAsync(call, uuid).ConfigureAwait(false);
    }

    // Ready and inactive are the device's: v2's enable and disable drive the same life cycle.
    private static async Task<Reply> SetStateAsync(ApiCall call, Guid uuid, bool ready)
    {
        var now = await call.AskAsync(Verbs.ShowAccelerator, new ById(uuid)).ConfigureAwait(false);
        if (now.State is AcceleratorState.Creating or AcceleratorState.Deleting || (now.State == AcceleratorState.Error && now.VendorId is null))
            throw new FaultException(FaultCode.Conflict, $"Accelerator {uuid} has no device that could be set: it is in state {AcceleratorStates.Word(now.State)}.");
        await call.AskAsync(ready ? Verbs.EnableDevice : Verbs.DisableDevice, new ById(uuid)).ConfigureAwait(false);
        return await ShowAsync(call, uuid).ConfigureAwait(false);
    }

    // A name stays for good, so it needs no look in the same transaction.
    private static async Task<Reply> AttachAsync(ApiCall call, Guid uuid, JsonElement body)
    {
        var (name, goal) = AttachBody.Parse(body, uuid, call.Version);
        var accelerator = await call.AskAsync(Verbs.ShowAccelerator, new ById(uuid)).ConfigureAwait(false);
        if (accelerator.Name != name)
            throw new FaultException(FaultCode.Conflict, $"Accelerator {uuid} has another name than '{ApiException.Shown(name)}'.");
        return await Attaching.AttachAsync(call, new AttachAccelerator(uuid, null, goal.Type, goal.Id)).ConfigureAwait(false);
    }

    private static async Task<Reply> ShowAsync(ApiCall call, Guid uuid) =>
        GetAccelerator.Shown(await call.AskAsync(Verbs.ShowAccelerator, new ById(uuid)).ConfigureAwait(false), call);
}
