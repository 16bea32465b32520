using System.CommandLine;

namespace Cyborg.Cli;

/// <summary>The operator's command line, <c>cyborg</c>. It knows which service's program knows a verb and becomes that program, with the same
/// arguments, streams and exit code, so that a machine needs only the programs of the services that it runs.</summary>
public static class OperatorCommandLine
{
    /// <summary>Verbs, with the program that knows them and what they do.</summary>
    private static readonly (string Verb, string Program, string Help)[] Verbs =
    [
        ("policy", "cyborg-api", "Shows the rules that say who may do what, and tries them (cyborg-api policy)."),
    ];

    /// <summary>Does what the arguments say. Comes back only if no other program took over.</summary>
    /// <param name="args">The arguments of <c>Main</c>.</param>
    /// <returns>The exit code: 0 after help, 1 for faults of the command line, 127 if the program is not on this machine.</returns>
    public static Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("The operator's commands of Cyborg.")
        {
            Flag("--config-file", "FILE", "Configuration file; may be repeated, later ones win."),
            Flag("--config-dir", "DIR", "Directory of *.conf files, read after the files, sorted by name."),
            new Option<bool>("--debug") { Description = "Log details.", Recursive = true },
        };
        var programs = new Dictionary<Command, string>();
        foreach (var (verb, program, help) in Verbs)
        {
            var command = new Command(verb, help) { TreatUnmatchedTokensAsErrors = false };
            root.Add(command);
            programs[command] = program;
        }
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        // Even --help behind a verb is the other program's.
        return programs.TryGetValue(parsed.CommandResult.Command, out var name)
            ? BecomeAsync(name, args)
            : parsed.InvokeAsync();
    }

    private static async Task<int> BecomeAsync(string program, string[] args)
    {
        var why = RoomProgram.Find(program, AppContext.BaseDirectory, Environment.GetEnvironmentVariable("PATH")) is { } path
            ? RoomProgram.Become(path, args)
            : $"it is neither in {AppContext.BaseDirectory} nor in PATH; run this where it is installed";
        await Console.Error.WriteLineAsync($"cyborg: {program}: {why}").ConfigureAwait(false);
        return 127;
    }

    private static Option<string[]> Flag(string name, string valueName, string help) =>
        new(name) { HelpName = valueName, Description = help, Recursive = true, AllowMultipleArgumentsPerToken = false };
}
