using LinqToDB.Mapping;

namespace Cyborg.Storage.Rows;

/// <summary>How often that which Placement is to show of a host has changed. Raised at the end of a transaction, as <see cref="RevisionRow"/> is; no
/// row is as good as 0.</summary>
[Table("provider_revisions")]
public sealed class ProviderRevisionRow
{
    /// <summary>The host.</summary>
    [Column("hostname", CanBeNull = false), PrimaryKey]
    public string Hostname { get; set; } = "";

    /// <summary>Number of changes so far.</summary>
    [Column("n", CanBeNull = false)]
    public long N { get; set; }
}
