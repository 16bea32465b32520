using Cyborg.Model;
using LinqToDB.Mapping;

namespace Cyborg.Storage.Rows;

/// <summary>A fact about a deployable, see <see cref="DeployableAttribute"/>.</summary>
[Table("attributes")]
public sealed class AttributeRow : Row
{
    /// <summary>Public identity, unique.</summary>
    [Column("uuid", CanBeNull = false)]
    public Guid Uuid { get; set; }

    /// <summary>Key of the deployable it describes.</summary>
    [Column("deployable_id", CanBeNull = false)]
    public int DeployableId { get; set; }

    /// <summary>Name of the fact.</summary>
    [Column("key", CanBeNull = false)]
    public string Key { get; set; } = "";

    /// <summary>The fact.</summary>
    [Column("value", CanBeNull = false)]
    public string Value { get; set; } = "";

    /// <summary>True if an operator made it through the API: reports then leave it alone.</summary>
    [Column("made_by_operator", CanBeNull = false)]
    public bool MadeByOperator { get; set; }
}
