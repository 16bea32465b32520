namespace Cyborg.Drivers.Generic;

/// <summary>What the generic driver looks at: any number of backends, several of one kind included.</summary>
public sealed record GenericDriverOptions
{
    /// <summary>Longest name of a backend, in characters.</summary>
    public const int MaxName = 64;

    /// <summary>The backends, in the order in which they are asked; their names are unique. Of two that find one device the first has it.</summary>
    public required IReadOnlyList<GenericBackendOptions> Backends { get; init; }

    /// <summary>Name of the backend that makes accelerators when nobody says which; null for the first one that can make any.</summary>
    public string? DefaultBackend { get; init; }

    /// <summary>What is wrong, in one sentence; null if nothing.</summary>
    public string? Fault()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var backend in Backends)
        {
            if (!IsName(backend.Name))
                return $"'{backend.Name}' is no name of a backend: it takes 1 to {MaxName} letters, digits, '.', '_' and '-'.";
            if (!names.Add(backend.Name))
                return $"two backends have the name '{backend.Name}'.";
        }
        return DefaultBackend is null || names.Contains(DefaultBackend) ? null : $"the default backend '{DefaultBackend}' is not among the enabled ones.";
    }

    /// <summary>True if a backend can have this name.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= MaxName && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
