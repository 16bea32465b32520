namespace Cyborg.Model;

/// <summary>What an accelerator is attached to.</summary>
public enum AttachTarget
{
    /// <summary>A server of the compute service; its hypervisor attaches.</summary>
    Instance,
    /// <summary>The accelerator's own host; its driver attaches.</summary>
    Host,
}

/// <summary>Where an attachment is in its life, by its name in lower case.</summary>
public enum AttachmentState
{
    /// <summary>Under way. It ends as <see cref="Attached"/>, or is gone.</summary>
    Attaching,
    /// <summary>The target has the accelerator.</summary>
    Attached,
    /// <summary>It is being given back, by a detach or because the attach was refused.</summary>
    Detaching,
    /// <summary>The host could not give it back; the reason stands beside it, and an operator must look.</summary>
    Error,
}

/// <summary>One attach handle of an accelerator in the hands of one target, by API v1. It is an accelerator request (ARQ), too: one life cycle, and one truth
/// about who holds what.</summary>
public sealed record Attachment
{
    /// <summary>Longest name of a target, in characters.</summary>
    public const int MaxTarget = 255;

    /// <summary>Public identity.</summary>
    public required Guid Uuid { get; init; }
    /// <summary>Uuid of the accelerator.</summary>
    public required Guid Accelerator { get; init; }
    /// <summary>Its ARQ; null before it has one, and when it has it no more.</summary>
    public Guid? Arq { get; init; }
    /// <summary>Kind of the target.</summary>
    public required AttachTarget TargetType { get; init; }
    /// <summary>The target: uuid of a server, or name of a host.</summary>
    public required string Target { get; init; }
    /// <summary>Where it is in its life.</summary>
    public required AttachmentState State { get; init; }
    /// <summary>Why it is not further, or is given back; null if there is nothing to tell.</summary>
    public string? Reason { get; init; }
    /// <summary>Kind of the attach handle; null until it is bound.</summary>
    public AttachHandleType? HandleType { get; init; }
    /// <summary>JSON text of the handle's address; null until it is bound.</summary>
    public string? HandleInfo { get; init; }
    /// <summary>Project of who attached it; only it and administrators see it.</summary>
    public string? ProjectId { get; init; }
    /// <summary>When it was asked for, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
    /// <summary>When it last changed, UTC; null if never.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }
}

/// <summary>Words of attachments in API v1.</summary>
public static class AttachmentWords
{
    /// <summary>A state's word.</summary>
    public static string Of(AttachmentState state) => state.ToString().ToLowerInvariant();

    /// <summary>The word of a kind of target.</summary>
    public static string Of(AttachTarget target) => target.ToString().ToLowerInvariant();

    /// <summary>The kind of target that a word names; null if it names none.</summary>
    public static AttachTarget? Target(string? word) => word switch
    {
        "instance" => AttachTarget.Instance,
        "host" => AttachTarget.Host,
        _ => null,
    };
}
