using Cyborg.Api.Calls;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Api.Accelerators;

/// <summary>Has accelerators attached and detached, for every route that does: a conductor waits for the end of it, and what has not ended by then goes on
/// without the caller: 504, and a GET shows the end.</summary>
internal static class Attaching
{
    /// <summary>Attaches one, and answers 200 with it.</summary>
    /// <exception cref="FaultException">400, 404, 409, 502 or 504.</exception>
    public static async Task<Reply> AttachAsync(ApiCall call, AttachAccelerator ask)
    {
        var made = await AskAsync(call, Verbs.AttachAccelerator, ask, "The accelerator is still being attached").ConfigureAwait(false);
        if (made.State != AttachmentState.Attached)
            throw GoesOn($"Accelerator {made.Accelerator} is still being attached");
        var shown = await call.AskAsync(Verbs.ShowAccelerator, new ById(made.Accelerator)).ConfigureAwait(false);
        return GetAccelerator.Shown(shown, call);
    }

    /// <summary>Detaches, and answers 204.</summary>
    /// <exception cref="FaultException">404, 409, 502 or 504.</exception>
    public static async Task<Reply> DetachAsync(ApiCall call, DetachAccelerator ask)
    {
        const string what = "The accelerator is still being detached";
        var detached = await AskAsync(call, Verbs.DetachAccelerator, ask, what).ConfigureAwait(false);
        return detached.Done ? Reply.NoContent : throw GoesOn(what);
    }

    private static async Task<TReply> AskAsync<TRequest, TReply>(ApiCall call, Verb<TRequest, TReply> verb, TRequest ask, string what)
    {
        try
        {
            return await call.AskAsync(verb, ask).ConfigureAwait(false);
        }
        catch (FaultException fault) when (fault.Code == FaultCode.DeadlineExceeded)
        {
            // The attachment is a row, or the call was never taken: either way a GET tells.
            throw new FaultException(FaultCode.StillGoingOn, $"{what}, or was never begun; GET /v1/accelerators shows.", fault);
        }
        catch (FaultException fault) when (fault.Code is FaultCode.NoFreeAttachHandle or FaultCode.ResourceProviderNotFound)
        {
            // 404 in version 2, where the caller has named a provider; here it has named an accelerator, which is there.
            throw new FaultException(FaultCode.Conflict, fault.Message, fault);
        }
        catch (FaultException fault) when (fault.Code == FaultCode.DriverFailed)
        {
            throw new FaultException(FaultCode.BackendFailed, fault.Message, fault);
        }
    }

    private static FaultException GoesOn(string what) => new(FaultCode.StillGoingOn, $"{what}; GET shows how it ends.");
}
