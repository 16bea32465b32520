namespace Cyborg.Model;

/// <summary>What a user asks for: a named list of groups of resources and traits.</summary>
public sealed record DeviceProfile
{
    /// <summary>Public identity.</summary>
    public required Guid Uuid { get; init; }
    /// <summary>Unique name, <c>[a-zA-Z0-9-_]+</c>, 255 characters at most.</summary>
    public required string Name { get; init; }
    /// <summary>Words for people.</summary>
    public string? Description { get; init; }
    /// <summary>Groups in the order given, keys in the order given: Nova uses the index, people read the keys.</summary>
    public required IReadOnlyList<IReadOnlyDictionary<string, string?>> Groups { get; init; }
    /// <summary>When the row was written, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
    /// <summary>When the row last changed, UTC; null if never.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }
}
