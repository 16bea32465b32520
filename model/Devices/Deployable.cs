namespace Cyborg.Model;

/// <summary>The schedulable unit of a device; one resource provider in Placement.</summary>
public sealed record Deployable
{
    /// <summary>Database key; visible as <c>deployable_id</c> of an attribute.</summary>
    public required int Id { get; init; }
    /// <summary>Public identity.</summary>
    public required Guid Uuid { get; init; }
    /// <summary>Key of the parent deployable, if any.</summary>
    public int? ParentId { get; init; }
    /// <summary>Key of the root deployable, if any.</summary>
    public int? RootId { get; init; }
    /// <summary>Name, unique on its host; the resource provider's name too.</summary>
    public required string Name { get; init; }
    /// <summary>How many accelerators it offers at once.</summary>
    public required int NumAccelerators { get; init; }
    /// <summary>Key of the device it belongs to.</summary>
    public required int DeviceId { get; init; }
    /// <summary>Facts about it, in the order of their keys in the database.</summary>
    public IReadOnlyList<DeployableAttribute> Attributes { get; init; } = [];
    /// <summary>Its resource provider in Placement; null until advertised.</summary>
    public Guid? RpUuid { get; init; }
    /// <summary>The driver's own name for itself, e.g. <c>NVIDIA</c>.</summary>
    public string? DriverName { get; init; }
    /// <summary>Image that a bind has programmed it with, if any.</summary>
    public string? BitstreamId { get; init; }
    /// <summary>When the row was written, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
    /// <summary>When the row last changed, UTC; null if never.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }
}

/// <summary>A fact about a deployable: its resource class (<c>rc</c>), its traits (<c>trait*</c>), or an operator's note.</summary>
public sealed record DeployableAttribute
{
    /// <summary>Public identity.</summary>
    public required Guid Uuid { get; init; }
    /// <summary>Key of the deployable it describes.</summary>
    public required int DeployableId { get; init; }
    /// <summary>Name of the fact.</summary>
    public required string Key { get; init; }
    /// <summary>The fact.</summary>
    public required string Value { get; init; }
    /// <summary>True if an operator made it through the API: reports then leave it alone (upstream wipes it).</summary>
    public bool MadeByOperator { get; init; }
    /// <summary>When the row was written, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
    /// <summary>When the row last changed, UTC; null if never.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }
}
