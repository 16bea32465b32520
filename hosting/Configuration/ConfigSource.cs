namespace Cyborg.Hosting;

/// <summary>One configuration file, read already.</summary>
/// <param name="Path">Its name, as messages show it.</param>
/// <param name="Text">Its content, in oslo.config's syntax.</param>
public sealed record ConfigSource(string Path, string Text);

/// <summary>The configuration cannot be used. The message is made for the operator: one line for each fault, all of them at once.</summary>
public sealed class ConfigException : Exception
{
    /// <summary>Makes an exception of one fault.</summary>
    public ConfigException(string fault) : this([fault]) { }

    /// <summary>Makes an exception of all faults that were found, each one line.</summary>
    public ConfigException(IReadOnlyList<string> faults) : base(string.Join('\n', faults)) => Faults = faults;

    /// <summary>The faults, each one line, in the order in which they were found.</summary>
    public IReadOnlyList<string> Faults { get; }
}
