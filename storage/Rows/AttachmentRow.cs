using Cyborg.Model;
using LinqToDB.Mapping;

namespace Cyborg.Storage.Rows;

/// <summary>What has still to be done for an attachment, in the order in which it is done; the second half undoes the first.</summary>
public enum AttachmentStep
{
    /// <summary>The compute service is asked whose the server is.</summary>
    Check,
    /// <summary>It is claimed in Placement.</summary>
    Claim,
    /// <summary>Its ARQ is made and bound.</summary>
    Bind,
    /// <summary>Its host works on the handle.</summary>
    Prepare,
    /// <summary>The compute service is asked to attach it.</summary>
    Act,
    /// <summary>The compute service attaches it.</summary>
    Acting,
    /// <summary>The compute service is asked to detach it.</summary>
    Undo,
    /// <summary>The compute service detaches it.</summary>
    Undoing,
    /// <summary>Its ARQ is deleted.</summary>
    Release,
    /// <summary>Its host undoes its work on the handle.</summary>
    Drain,
    /// <summary>Its claim is given back to Placement; then the row goes.</summary>
    Unclaim,
}

/// <summary>An accelerator in the hands of one target, see <see cref="Attachment"/>; while <see cref="Step"/> is set the row is a job.</summary>
[Table("accelerator_attachments")]
public sealed class AttachmentRow : Row
{
    /// <summary>Public identity, unique.</summary>
    [Column("uuid", CanBeNull = false)]
    public Guid Uuid { get; set; }

    /// <summary>The accelerator.</summary>
    [Column("accelerator_uuid", CanBeNull = false)]
    public Guid AcceleratorUuid { get; set; }

    /// <summary>Who claims in Placement: the uuid that its ARQ is to have, has or had; unique.</summary>
    [Column("consumer_uuid", CanBeNull = false)]
    public Guid ConsumerUuid { get; set; }

    /// <summary>Its ARQ, as long as that is there; unique.</summary>
    [Column("arq_uuid")]
    public Guid? ArqUuid { get; set; }

    /// <summary>Kind of the target.</summary>
    [Column("target_type", CanBeNull = false)]
    public AttachTarget TargetType { get; set; }

    /// <summary>Uuid of a server in lower case, or name of a host.</summary>
    [Column("target", CanBeNull = false)]
    public string Target { get; set; } = "";

    /// <summary>Where it is in its life.</summary>
    [Column("state", CanBeNull = false)]
    public AttachmentState State { get; set; }

    /// <summary>What is to be done next; null if nothing.</summary>
    [Column("step")]
    public AttachmentStep? Step { get; set; }

    /// <summary>Why it is not further, or is given back.</summary>
    [Column("reason")]
    public string? Reason { get; set; }

    /// <summary>What went wrong, where it is given back for that; a name of <see cref="FaultCode"/>.</summary>
    [Column("fault")]
    public string? Fault { get; set; }

    /// <summary>Key of the device profile that the accelerator has to fit; null for any.</summary>
    [Column("profile_id")]
    public int? ProfileId { get; set; }

    /// <summary>Key of the deployable that is claimed; null before.</summary>
    [Column("deployable_id")]
    public int? DeployableId { get; set; }

    /// <summary>Project of who attached it.</summary>
    [Column("project_id")]
    public string? ProjectId { get; set; }

    /// <summary>Who attached it.</summary>
    [Column("user_id")]
    public string? UserId { get; set; }

    /// <summary>The compute service's id of what it was asked, by which it tells the outcome; null if it gave none.</summary>
    [Column("nova_request")]
    public string? NovaRequest { get; set; }

    /// <summary>Rises with each change of <see cref="State"/> or <see cref="Step"/>.</summary>
    [Column("generation", CanBeNull = false)]
    public long Generation { get; set; }

    /// <summary>When the step began, in the database's clock.</summary>
    [Column("job_began")]
    public DateTimeOffset? JobBegan { get; set; }

    /// <summary>Who does the step.</summary>
    [Column("job_token")]
    public Guid? JobToken { get; set; }

    /// <summary>Until when that claim holds, in the database's clock.</summary>
    [Column("job_until")]
    public DateTimeOffset? JobUntil { get; set; }

    /// <summary>The step is not to be tried before, in the database's clock; null for at once.</summary>
    [Column("job_after")]
    public DateTimeOffset? JobAfter { get; set; }

    /// <summary>How often the step was tried without an outcome.</summary>
    [Column("job_attempts", CanBeNull = false)]
    public int JobAttempts { get; set; }
}
