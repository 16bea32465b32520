namespace Cyborg.Hosting;

/// <summary>What a service's command line asks for.</summary>
public sealed record CommandLineArguments
{
    /// <summary>Nothing asked: the default file, when it exists.</summary>
    public static CommandLineArguments None { get; } = new();

    /// <summary><c>--config-file</c>, in order; later ones win.</summary>
    public IReadOnlyList<string> ConfigFiles { get; init; } = [];

    /// <summary><c>--config-dir</c>, in order: all <c>*.conf</c> in each, by name, after the files.</summary>
    public IReadOnlyList<string> ConfigDirectories { get; init; } = [];

    /// <summary><c>--debug</c>: sets <c>[DEFAULT] debug</c>.</summary>
    public bool Debug { get; init; }

    /// <summary>Options that the command line sets by flags of the service's own, as text.</summary>
    public IReadOnlyList<CommandLineSetting> Settings { get; init; } = [];

    /// <summary>Values of flags that set no option, by flag (<c>--data</c>).</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();
}

/// <summary>An option set on the command line.</summary>
/// <param name="Flag">The flag, for messages: <c>--port</c>.</param>
/// <param name="Option">The option.</param>
/// <param name="Text">Its value as written.</param>
public sealed record CommandLineSetting(string Flag, Option Option, string Text);
