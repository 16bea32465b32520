using LinqToDB.Mapping;

namespace Cyborg.Storage.Rows;

/// <summary>A message owed to Nova: an ARQ's bind has ended. Written in the transaction that ended it, deleted when Nova has it.</summary>
[Table("nova_events")]
public sealed class NovaEventRow : Row
{
    /// <summary>The instance it is about.</summary>
    [Column("instance_uuid", CanBeNull = false)]
    public Guid InstanceUuid { get; set; }

    /// <summary>The ARQ; Nova's tag.</summary>
    [Column("arq_uuid", CanBeNull = false)]
    public Guid ArqUuid { get; set; }

    /// <summary>Generation of the ARQ when its bind ended; one that has moved on makes the message void.</summary>
    [Column("generation", CanBeNull = false)]
    public long Generation { get; set; }

    /// <summary><c>completed</c> or <c>failed</c>, as Nova reads it.</summary>
    [Column("status", CanBeNull = false)]
    public string Status { get; set; } = "";

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
