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
}
