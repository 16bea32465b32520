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

    /// <summary>True if the host's agent writes its providers to Placement, as its last report said.</summary>
    [Column("manages_providers", CanBeNull = false)]
    public bool ManagesProviders { get; set; }

    /// <summary>The epoch whose fence Placement shows; another one than <see cref="Epoch"/> while the host is fenced means that it is still to be shown.</summary>
    [Column("fence_shown", CanBeNull = false)]
    public long FenceShown { get; set; }

    /// <summary>The host's drivers, their backends and what those offer, as its agent last told; JSON of this project's own. Null if it told none.</summary>
    [Column("backends")]
    public string? Backends { get; set; }
}
