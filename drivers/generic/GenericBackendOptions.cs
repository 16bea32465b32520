namespace Cyborg.Drivers.Generic;

/// <summary>What one backend of the generic driver looks at. Each kind of backend has a record of its own.</summary>
public abstract record GenericBackendOptions
{
    private readonly string? _name;

    private protected GenericBackendOptions(string kind) => Kind = kind;

    /// <summary>How the backend reaches its accelerators, from <see cref="GenericDriver.KnownKinds"/>.</summary>
    public string Kind { get; }

    /// <summary>The backend's name, unique in the driver: also its section of the configuration. The kind by default.</summary>
    public string Name { get => _name ?? Kind; init => _name = value; }

    /// <summary>The agent's host; begins the deployables' names.</summary>
    public required string Host { get; init; }
}
