using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Deployables;

/// <summary>What is done about a wish for an image.</summary>
internal enum ProgramStep
{
    /// <summary>Nothing: the deployable runs it.</summary>
    Ready,
    /// <summary>It is being programmed with it: wait for that.</summary>
    Wait,
    /// <summary>A new programming is ordered.</summary>
    Order,
    /// <summary>The programming that is under way is claimed, and the host asked.</summary>
    Claim,
    /// <summary>It cannot be had.</summary>
    Refuse,
}

/// <summary>A decision about a wish for an image.</summary>
/// <param name="Step">What is done.</param>
/// <param name="Reason">Why it has to wait or is refused, in words that follow the deployable's name.</param>
internal readonly record struct ProgramDecision(ProgramStep Step, string? Reason = null);

/// <summary>Decides who may have a deployable programmed, and when. Logic never changes under a guest, nor while a host works on a handle. Pure; what it
/// is given was read under the deployable's lock.</summary>
internal static class ProgramRules
{
    /// <summary>What a bind does that leaves the deployable as it is.</summary>
    public static ProgramDecision ForPlainBind(ProgramState state) =>
        state.UnderWay ? new(ProgramStep.Refuse, $"is being programmed with {state.Wish}") : new(ProgramStep.Ready);

    /// <summary>What a bind does that wants an image, before it takes its handles.</summary>
    /// <param name="state">What is known of the deployable.</param>
    /// <param name="holders">Its handles that are not free.</param>
    /// <param name="wish">The image.</param>
    public static ProgramDecision ForBind(ProgramState state, IEnumerable<HandleHolder> holders, ImageWish wish)
    {
        if (state.Satisfies(wish))
            return new(ProgramStep.Ready);
        if (state.UnderWay && state.Wish == wish)
            return new(ProgramStep.Wait);
        if (state is { UnderWay: true, Call: not null, ClaimedBy: not null })
            return new(ProgramStep.Refuse, $"is being programmed with {state.Wish}");
        // A bind that has failed holds its handle until Nova gives it back; no guest has it.
        if (holders.Any(holder => holder.State == AttachHandleState.Held && !holder.Failed))
        {
            return new(ProgramStep.Refuse, state.UnderWay
                ? $"is being programmed with {state.Wish} for another accelerator request"
                : "is in use by an accelerator request, and runs another image");
        }
        return holders.Any(holder => holder.State == AttachHandleState.Error) ? InError : new(ProgramStep.Order);
    }

    /// <summary>What the job of a bind does that wants an image and holds its handle.</summary>
    /// <param name="state">What is known of the deployable.</param>
    /// <param name="holders">Its handles that are not free, the bind's own included.</param>
    /// <param name="wish">The image.</param>
    /// <param name="token">The claim that the job would make, or has made already.</param>
    public static ProgramDecision ForJob(ProgramState state, IReadOnlyList<HandleHolder> holders, ImageWish wish, Guid token)
    {
        if (state.Satisfies(wish))
            return new(ProgramStep.Ready);
        if (!state.UnderWay && state.Wish == wish && state.Failure is { } failure)
            return new(ProgramStep.Refuse, failure);
        if (holders.Any(holder => holder.State == AttachHandleState.Error))
            return InError;
        if ((state.UnderWay && state.Wish != wish) || (state.ClaimedBy is { } other && other != token))
            return new(ProgramStep.Wait, $"is being programmed with {state.Wish}");
        if (holders.Any(holder => holder.State == AttachHandleState.Releasing))
            return new(ProgramStep.Wait, "has a handle on which its host has still work to undo");
        return new(state.UnderWay ? ProgramStep.Claim : ProgramStep.Order);
    }

    /// <summary>What an operator's call does.</summary>
    /// <param name="state">What is known of the deployable.</param>
    /// <param name="inUse">True if any of its handles is not free.</param>
    /// <param name="wish">The image.</param>
    /// <param name="call">The call.</param>
    /// <param name="token">The claim that it would make, or has made already.</param>
    public static ProgramDecision ForOperator(ProgramState state, bool inUse, ImageWish wish, Guid call, Guid token)
    {
        // The reply of an earlier try may have been lost.
        if (state.Call == call && state.Satisfies(wish))
            return new(ProgramStep.Ready);
        if (inUse)
            return new(ProgramStep.Refuse, "is in use by an accelerator request; it can be programmed when that is deleted");
        if (!state.UnderWay)
            return new(ProgramStep.Order);
        if (state.ClaimedBy is not { } other || other == token)
            return new(state.Wish == wish ? ProgramStep.Claim : ProgramStep.Order);
        if (state.Wish == wish)
            return new(ProgramStep.Wait);
        // A bind's that nobody holds a handle for any more is overtaken.
        return state.Call is null ? new(ProgramStep.Order) : new(ProgramStep.Refuse, $"is being programmed with {state.Wish}");
    }

    /// <summary>True if the deployable runs what it ran before, whatever was asked of the host.</summary>
    public static bool IsUntouched(FaultCode code) => code
        is FaultCode.ImageNotFound or FaultCode.ImageUnusable or FaultCode.NotSupportedByDriver or FaultCode.DeviceNotFound or FaultCode.InvalidInput;

    /// <summary>True if the same command may be sent again, and work.</summary>
    public static bool IsPassing(FaultCode code) => code != FaultCode.DriverFailed && !IsUntouched(code);

    private static ProgramDecision InError => new(ProgramStep.Refuse, "has a handle in error, on which its host could not undo its work");
}
