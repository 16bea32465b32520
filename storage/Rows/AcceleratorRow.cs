using Cyborg.Model;
using LinqToDB.Mapping;

namespace Cyborg.Storage.Rows;

/// <summary>A device seen as one thing by API v1, see <see cref="Accelerator"/>; or one that is ordered and has no device yet.</summary>
[Table("accelerators")]
public sealed class AcceleratorRow : Row
{
    /// <summary>Public identity, unique; the device's too.</summary>
    [Column("uuid", CanBeNull = false)]
    public Guid Uuid { get; set; }

    /// <summary>Name, unique.</summary>
    [Column("name", CanBeNull = false)]
    public string Name { get; set; } = "";

    /// <summary>Key of its device, unique; null until it has one.</summary>
    [Column("device_id")]
    public int? DeviceId { get; set; }

    /// <summary>Its host.</summary>
    [Column("host")]
    public string? Host { get; set; }

    /// <summary>Its backend; null if nobody says.</summary>
    [Column("backend")]
    public string? Backend { get; set; }

    /// <summary>Entry name of its driver.</summary>
    [Column("driver")]
    public string? Driver { get; set; }

    /// <summary>True if it was ordered: its backend then changes it and takes it away.</summary>
    [Column("made", CanBeNull = false)]
    public bool Made { get; set; }

    /// <summary>Kind of device, as the spec says.</summary>
    [Column("device_type", CanBeNull = false)]
    public string DeviceType { get; set; } = "";

    /// <summary>What it does, see <see cref="AccSpecs.AccType"/>.</summary>
    [Column("acc_type", CanBeNull = false)]
    public string AccType { get; set; } = "";

    /// <summary>Tree of what it can do, handed out byte for byte.</summary>
    [Column("acc_capability", CanBeNull = false)]
    public string AccCapability { get; set; } = "";

    /// <summary>How many accelerators it offers at once, as the spec says.</summary>
    [Column("num", CanBeNull = false)]
    public int Num { get; set; }

    /// <summary>1 if it is reached over the network, else 0.</summary>
    [Column("remotable", CanBeNull = false)]
    public int Remotable { get; set; }

    /// <summary>Vendor; null before its device is there.</summary>
    [Column("vendor_id")]
    public string? VendorId { get; set; }

    /// <summary>Product; null if nobody says.</summary>
    [Column("product_id")]
    public string? ProductId { get; set; }

    /// <summary>Rises with each change of the spec; 0 while it is what its driver says.</summary>
    [Column("generation", CanBeNull = false)]
    public long Generation { get; set; }

    /// <summary>Project that ordered it.</summary>
    [Column("project_id")]
    public string? ProjectId { get; set; }

    /// <summary>A word of <see cref="AcceleratorPhases"/>; null if its device says it all.</summary>
    [Column("state")]
    public string? State { get; set; }

    /// <summary>Why the word is an error.</summary>
    [Column("state_reason")]
    public string? StateReason { get; set; }

    /// <summary>The spec that its backend is to bring about; JSON of this project's own.</summary>
    [Column("pending")]
    public string? Pending { get; set; }

    /// <summary>Work of its backend that is to be done: <c>create</c>, <c>update</c> or <c>delete</c>.</summary>
    [Column("job")]
    public string? Job { get; set; }

    /// <summary>When the work was ordered, in the database's clock.</summary>
    [Column("job_began")]
    public DateTimeOffset? JobBegan { get; set; }

    /// <summary>Who has it done.</summary>
    [Column("job_token")]
    public Guid? JobToken { get; set; }

    /// <summary>Until when that claim holds, in the database's clock.</summary>
    [Column("job_until")]
    public DateTimeOffset? JobUntil { get; set; }

    /// <summary>Not to be tried before, in the database's clock.</summary>
    [Column("job_after")]
    public DateTimeOffset? JobAfter { get; set; }

    /// <summary>How often it was tried.</summary>
    [Column("job_attempts", CanBeNull = false)]
    public int JobAttempts { get; set; }

    /// <summary>Why the last work failed.</summary>
    [Column("job_failure")]
    public string? JobFailure { get; set; }
}
