namespace Cyborg.Cli;

/// <summary>Where the program runs: all that it reads from, and writes to, its process.</summary>
internal sealed record Surroundings
{
    /// <summary>The value of an environment variable; null if it is not set. An empty one counts as not set, as OpenStack's clients have it.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>The working folder.</summary>
    public required string Folder { get; init; }

    /// <summary>Standard output: pages.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Standard error: faults, notes and progress.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>True if a person reads standard output.</summary>
    public bool OutputIsTerminal { get; init; }

    /// <summary>True if a person reads standard error.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Pause between two looks at work that goes on. A second.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the service is waited for when a line is completed. Two seconds.</summary>
    public TimeSpan SuggestPatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Those of this process.</summary>
    public static Surroundings OfProcess() => new()
    {
        Variable = name => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null,
        Folder = Environment.CurrentDirectory,
        Output = Console.Out,
        Error = Console.Error,
        OutputIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
    };

    /// <summary>A path as a file has it: <c>~</c> is the home folder, what is not absolute is below the working folder.</summary>
    public string FullPath(string path) => Path.GetFullPath(
        path == "~" || path.StartsWith("~/", StringComparison.Ordinal) ? Path.Join(Home, path[1..]) : path, Folder);

    /// <summary>The home folder.</summary>
    public string Home => Variable("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
}
