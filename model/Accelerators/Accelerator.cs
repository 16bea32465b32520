namespace Cyborg.Model;

/// <summary>An accelerator of API v1: a device seen as one thing. It has the device's uuid.</summary>
public sealed record Accelerator
{
    /// <summary>Longest name, in characters.</summary>
    public const int MaxName = 255;

    /// <summary>Database key; the order of lists, and <c>accelerator_id</c> of the Pike proposal.</summary>
    public required int Id { get; init; }
    /// <summary>Public identity, the device's too.</summary>
    public required Guid Uuid { get; init; }
    /// <summary>Unique name.</summary>
    public required string Name { get; init; }
    /// <summary>What it is and can do.</summary>
    public required AccSpecs Specs { get; init; }
    /// <summary>What it does for its user, see <see cref="AccSpecs.AccType"/>.</summary>
    public required string AccType { get; init; }
    /// <summary>Its host; null only if nobody knows.</summary>
    public string? Host { get; init; }
    /// <summary>Its backend on the host; null if nobody says.</summary>
    public string? Backend { get; init; }
    /// <summary>Entry name of its driver.</summary>
    public string? Driver { get; init; }
    /// <summary>Vendor, usually a PCI vendor id; null before its device is there.</summary>
    public string? VendorId { get; init; }
    /// <summary>Product, usually a PCI device id; null if nobody says.</summary>
    public string? ProductId { get; init; }
    /// <summary>Project that created it; null if it was found.</summary>
    public string? ProjectId { get; init; }
    /// <summary>Where it is in its life.</summary>
    public AcceleratorState State { get; init; }
    /// <summary>Why it is in <see cref="AcceleratorState.Error"/>; null otherwise.</summary>
    public string? StateReason { get; init; }
    /// <summary>Its resource providers in Placement, one for each deployable, in the order of their keys.</summary>
    public IReadOnlyList<Guid> ResourceProviders { get; init; } = [];
    /// <summary>What it is attached to by API v1, oldest first, as far as the caller may see it.</summary>
    public IReadOnlyList<Attachment> Attachments { get; init; } = [];
    /// <summary>Rises with each change of <see cref="Specs"/>; 0 while it is what its driver says.</summary>
    public required long Generation { get; init; }
    /// <summary>When it was found or created, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
    /// <summary>When it last changed, UTC; null if never.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }
}
