using LinqToDB.Mapping;

namespace Cyborg.Storage.Rows;

/// <summary>What most tables have: a key made by the database and two stamps.</summary>
public abstract class Row
{
    /// <summary>Database key; 0 until the row is inserted.</summary>
    [Column("id", CanBeNull = false), PrimaryKey, Identity]
    public int Id { get; set; }

    /// <summary>When the row was written, UTC, microseconds.</summary>
    [Column("created_at", CanBeNull = false, SkipOnUpdate = true)]
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When the row last changed, UTC, microseconds; null if never.</summary>
    [Column("updated_at")]
    public DateTimeOffset? UpdatedAt { get; set; }
}
