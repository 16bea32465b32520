using LinqToDB.Mapping;

namespace Cyborg.Storage.Rows;

/// <summary>A host that has reported devices.</summary>
[Table("hosts")]
public sealed class HostRow : Row
{
    /// <summary>The agent's name of the host, unique.</summary>
    [Column("name", CanBeNull = false)]
    public string Name { get; set; } = "";

    /// <summary>What the agent drew when it last started; null until it has said so.</summary>
    [Column("boot_id")]
    public Guid? BootId { get; set; }

    /// <summary>The agent that holds the name, from its journal; null until it has said so.</summary>
    [Column("agent_id")]
    public Guid? AgentId { get; set; }

    /// <summary>Rises with each start of that agent.</summary>
    [Column("boot_number", CanBeNull = false)]
    public long BootNumber { get; set; }

    /// <summary>The agent's lease: when it was last heard, in the database's clock.</summary>
    [Column("seen_at")]
    public DateTimeOffset? SeenAt { get; set; }

    /// <summary>Checksum of the last report that was carried out; null after any other change of the host's tree.</summary>
    [Column("checksum")]
    public string? Checksum { get; set; }

    /// <summary>True from the end of the lease until the agent has reported for the present epoch.</summary>
    [Column("fenced", CanBeNull = false)]
    public bool Fenced { get; set; }

    /// <summary>Rises with each fence.</summary>
    [Column("epoch", CanBeNull = false)]
    public long Epoch { get; set; }
}
