using LinqToDB.Mapping;

namespace Cyborg.Storage.Rows;

/// <summary>Something that happened to an accelerator and is to be told on the bus. Written in the transaction in which it happened, deleted when the bus
/// has it. Its key is the notification's id: one that is told twice has the same.</summary>
[Table("accelerator_events")]
public sealed class AcceleratorEventRow : Row
{
    /// <summary>The accelerator.</summary>
    [Column("accelerator_uuid", CanBeNull = false)]
    public Guid AcceleratorUuid { get; set; }

    /// <summary>Its name then.</summary>
    [Column("name", CanBeNull = false)]
    public string Name { get; set; } = "";

    /// <summary>Its host then.</summary>
    [Column("host")]
    public string? Host { get; set; }

    /// <summary>Its kind then.</summary>
    [Column("device_type", CanBeNull = false)]
    public string DeviceType { get; set; } = "";

    /// <summary>The project that it concerns; null if none.</summary>
    [Column("project_id")]
    public string? ProjectId { get; set; }

    /// <summary>What happened: the last word of the notification's subject.</summary>
    [Column("event", CanBeNull = false)]
    public string Event { get; set; } = "";

    /// <summary>Why, for a failure.</summary>
    [Column("reason")]
    public string? Reason { get; set; }

    /// <summary>How often it was sent.</summary>
    [Column("attempts", CanBeNull = false)]
    public int Attempts { get; set; }

    /// <summary>Not to be sent before, in the database's clock.</summary>
    [Column("send_after", CanBeNull = false)]
    public DateTimeOffset SendAfter { get; set; }

    /// <summary>Who is sending it.</summary>
    [Column("claim_token")]
    public Guid? ClaimToken { get; set; }

    /// <summary>Until when the claim holds, in the database's clock.</summary>
    [Column("claim_until")]
    public DateTimeOffset? ClaimUntil { get; set; }
}
