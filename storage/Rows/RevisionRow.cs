using LinqToDB.Mapping;

namespace Cyborg.Storage.Rows;

/// <summary>How often a kind of aggregate has changed. Raised as the last statement before COMMIT, so that a reader that sees a number sees
/// all that it counts.</summary>
[Table("revisions")]
public sealed class RevisionRow
{
    /// <summary>The row of accelerators.</summary>
    public const string Accelerators = "accelerators";

    /// <summary>The row of devices, deployables and attributes.</summary>
    public const string Devices = "devices";

    /// <summary>The row of device profiles.</summary>
    public const string Profiles = "profiles";

    /// <summary>Kind of aggregate.</summary>
    [Column("kind", CanBeNull = false), PrimaryKey]
    public string Kind { get; set; } = "";

    /// <summary>Number of changes so far.</summary>
    [Column("n", CanBeNull = false)]
    public long N { get; set; }
}
