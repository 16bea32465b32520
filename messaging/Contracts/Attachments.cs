using Cyborg.Model;

namespace Cyborg.Messaging.Contracts;

/// <summary>Attaches an accelerator; the answer is the attachment, <see cref="AttachmentState.Attached"/>, or <see cref="AttachmentState.Attaching"/> if it
/// goes on when the time of the call is over. What is attached to that target for that project already is answered as it is. With neither accelerator nor
/// profile it is the one free accelerator that there is.</summary>
/// <param name="Accelerator">The accelerator; null to have one found.</param>
/// <param name="Profile">Name or uuid of a device profile of one group that asks for one accelerator, which the accelerator must fit; null for any.</param>
/// <param name="TargetType">What it is attached to; null for its host.</param>
/// <param name="Target">Uuid of a server, or name of the host; null for the accelerator's own host.</param>
public sealed record AttachAccelerator(Guid? Accelerator, string? Profile, AttachTarget? TargetType, string? Target);

/// <summary>Detaches an accelerator: from a target, or from all of the caller's if none is named; or whatever a target has. With no target it is refused while
/// somebody else holds something of the accelerator.</summary>
/// <param name="Accelerator">The accelerator; null for all that the target has.</param>
/// <param name="TargetType">Kind of the target; null for all targets of the accelerator.</param>
/// <param name="Target">Uuid of a server, or name of the host; null for all targets, or with the kind <see cref="AttachTarget.Host"/> for the accelerator's
/// own host.</param>
public sealed record DetachAccelerator(Guid? Accelerator, AttachTarget? TargetType, string? Target);

/// <summary>What came of a detach.</summary>
/// <param name="Done">False if it goes on when the time of the call is over.</param>
public sealed record Detached(bool Done);
