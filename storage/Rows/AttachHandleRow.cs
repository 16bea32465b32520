using Cyborg.Model;
using LinqToDB.Mapping;

namespace Cyborg.Storage.Rows;

/// <summary>What a virtual machine gets. The database refuses a second <see cref="AttachHandleState.Held"/> handle of one ARQ, a free
/// handle with an ARQ and a held one without.</summary>
[Table("attach_handles")]
public sealed class AttachHandleRow : Row
{
    /// <summary>Public identity, unique.</summary>
    [Column("uuid", CanBeNull = false)]
    public Guid Uuid { get; set; }

    /// <summary>Key of the deployable it belongs to.</summary>
    [Column("deployable_id", CanBeNull = false)]
    public int DeployableId { get; set; }

    /// <summary>Key of its control path.</summary>
    [Column("cpid_id", CanBeNull = false)]
    public int CpidId { get; set; }

    /// <summary>How a virtual machine gets it.</summary>
    [Column("attach_type", CanBeNull = false)]
    public AttachHandleType AttachType { get; set; }

    /// <summary>JSON text of its address, handed out byte for byte; unique in its deployable.</summary>
    [Column("attach_info", CanBeNull = false)]
    public string AttachInfo { get; set; } = "";

    /// <summary>Who has it.</summary>
    [Column("state", CanBeNull = false)]
    public AttachHandleState State { get; set; }

    /// <summary>The ARQ that holds it, or held it while it is <see cref="AttachHandleState.Releasing"/>.</summary>
    [Column("arq_uuid")]
    public Guid? ArqUuid { get; set; }

    /// <summary>Rises with each transition, so that a late command of an earlier one is refused.</summary>
    [Column("generation", CanBeNull = false)]
    public long Generation { get; set; }

    /// <summary>True while it has vanished from its host but something still holds it.</summary>
    [Column("missing", CanBeNull = false)]
    public bool Missing { get; set; }

    /// <summary>True if attaching and detaching it needs work on the host.</summary>
    [Column("host_work", CanBeNull = false)]
    public bool HostWork { get; set; }

    /// <summary>Work that the host has still to do for it: <see cref="AttachJob"/>, <see cref="ReleaseJob"/>, or null.</summary>
    [Column("job")]
    public string? Job { get; set; }

    /// <summary>When the job was given, in the database's clock.</summary>
    [Column("job_began")]
    public DateTimeOffset? JobBegan { get; set; }

    /// <summary>Who does the job.</summary>
    [Column("job_token")]
    public Guid? JobToken { get; set; }

    /// <summary>Until when the claim on the job holds, in the database's clock.</summary>
    [Column("job_until")]
    public DateTimeOffset? JobUntil { get; set; }

    /// <summary>The job is not to be tried before, in the database's clock; null for at once.</summary>
    [Column("job_after")]
    public DateTimeOffset? JobAfter { get; set; }

    /// <summary>How often the job was tried.</summary>
    [Column("job_attempts", CanBeNull = false)]
    public int JobAttempts { get; set; }

    /// <summary>Why the job failed last.</summary>
    [Column("job_failure")]
    public string? JobFailure { get; set; }

    /// <summary>Image that its holder's deployable must run, if the holder named one.</summary>
    [Column("wants_image")]
    public Guid? WantsImage { get; set; }

    /// <summary>Function that its holder's deployable must run, if the holder named one.</summary>
    [Column("wants_function")]
    public string? WantsFunction { get; set; }

    /// <summary>True while it is attached, or is to be, to its own host and not for a guest: work on the host, whatever <see cref="HostWork"/> says.</summary>
    [Column("to_host", CanBeNull = false)]
    public bool ToHost { get; set; }

    /// <summary>The host is to attach it for its ARQ.</summary>
    public const string AttachJob = "attach";

    /// <summary>The host is to undo the attachment.</summary>
    public const string ReleaseJob = "release";
}
