using LinqToDB.Mapping;

namespace Cyborg.Storage.Rows;

/// <summary>The reply to a mutating call, written in the call's own transaction: a call that comes twice gets it again.</summary>
[Table("rpc_replies")]
public sealed class RpcReplyRow
{
    /// <summary>The caller's idempotency id.</summary>
    [Column("id", CanBeNull = false), PrimaryKey]
    public Guid Id { get; set; }

    /// <summary>What was called.</summary>
    [Column("verb", CanBeNull = false)]
    public string Verb { get; set; } = "";

    /// <summary>Body of the reply as it crossed the bus.</summary>
    [Column("reply")]
    public byte[]? Reply { get; set; }

    /// <summary>When it was written, UTC; old ones are swept.</summary>
    [Column("created_at", CanBeNull = false)]
    public DateTimeOffset CreatedAt { get; set; }
}
