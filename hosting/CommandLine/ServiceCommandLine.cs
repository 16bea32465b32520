using System.CommandLine;

namespace Cyborg.Hosting;

/// <summary>The command line of a service: oslo's <c>--config-file</c>, <c>--config-dir</c>, <c>--debug</c>, <c>--help</c>,
/// <c>--version</c>, and the service's own flags and verbs.</summary>
/// <example><code>
/// return new ServiceCommandLine("Cyborg's REST API")
///     .Sets("--port", ApiOptions.Port)
///     .Runs((args, stop) => ServeAsync(args, stop))
///     .Run(args);
/// </code></example>
public sealed class ServiceCommandLine
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);

    private readonly System.CommandLine.Option<string[]> _configFiles = Repeatable(
        "--config-file", "FILE", "Configuration file; may be repeated, later ones win.");
    private readonly System.CommandLine.Option<string[]> _configDirs = Repeatable(
        "--config-dir", "DIR", "Directory of *.conf files, read after the files, sorted by name.");
    private readonly System.CommandLine.Option<bool> _debug = new("--debug")
    {
        Description = SharedOptions.DebugOption.Help,
        Recursive = true,
    };
    private readonly List<(System.CommandLine.Option<string?> Flag, Option? Sets)> _flags = [];
    private readonly Dictionary<Command, int> _faultCodes = [];
    private readonly RootCommand _root;

    /// <summary>Makes a command line without flags of its own.</summary>
    /// <param name="description">What the service is, in a sentence, for <c>--help</c>.</param>
    public ServiceCommandLine(string description) => _root = new RootCommand(description) { _configFiles, _configDirs, _debug };

    /// <summary>A flag that sets an option, over what files say: <c>--port</c>.</summary>
    /// <param name="flag">The flag with its hyphens.</param>
    /// <param name="option">The option; its help is the flag's.</param>
    public ServiceCommandLine Sets(string flag, Option option) => Add(flag, option.TypeName, option.Help, option);

    /// <summary>A flag with a value that is read from <see cref="CommandLineArguments.Values"/>: <c>--data</c>.</summary>
    /// <param name="flag">The flag with its hyphens.</param>
    /// <param name="valueName">What <c>--help</c> calls its value: <c>DIR</c>.</param>
    /// <param name="help">What it does, in a sentence.</param>
    public ServiceCommandLine Takes(string flag, string valueName, string help) => Add(flag, valueName, help, null);

    /// <summary>What the service does without a verb.</summary>
    /// <param name="main">Does it until the token says stop (Ctrl-C, SIGTERM); answers the exit code.</param>
    public ServiceCommandLine Runs(Func<CommandLineArguments, CancellationToken, Task<int>> main)
    {
        _root.SetAction((parsed, stop) => GuardAsync(parsed, main, stop));
        return this;
    }

    /// <summary>What the service does for a verb: <c>cyborg-dbsync upgrade</c>.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="help">What it does, in a sentence.</param>
    /// <param name="main">Does it; answers the exit code.</param>
    public ServiceCommandLine Verb(string verb, string help, Func<CommandLineArguments, CancellationToken, Task<int>> main)
    {
        var command = new Command(verb, help);
        command.SetAction((parsed, stop) => GuardAsync(parsed, main, stop));
        _root.Add(command);
        return this;
    }

    /// <summary>A verb with flags, arguments or verbs of its own: <c>cyborg-api policy list</c>. What it does is set with
    /// <see cref="Does"/>.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="faultCode">Exit code if nothing, or something unknown, follows it.</param>
    public ServiceCommandLine Verb(Command command, int faultCode = 1)
    {
        _faultCodes[command] = faultCode;
        _root.Add(command);
        return this;
    }

    /// <summary>Sets what a command of <see cref="Verb(Command, int)"/>, or one inside it, does.</summary>
    /// <param name="command">The command.</param>
    /// <param name="main">Does it, with what the command's own flags say; answers the exit code.</param>
    /// <param name="faultCode">Exit code for faults of the command line and the configuration, where 1 is an answer.</param>
    public Command Does(Command command, Func<CommandLineArguments, ParseResult, CancellationToken, Task<int>> main, int faultCode = 1)
    {
        _faultCodes[command] = faultCode;
        command.SetAction((parsed, stop) => GuardAsync(parsed, (arguments, token) => main(arguments, parsed, token), stop));
        return command;
    }

    /// <summary>Reads the command line and does what it says. A fault of the configuration ends it with its lines on standard
    /// error.</summary>
    /// <param name="args">The arguments of <c>Main</c>.</param>
    /// <param name="output">Where help goes; standard output if null.</param>
    /// <param name="error">Where faults go; standard error if null.</param>
    /// <returns>The exit code: the action's own, or 1 (or what <see cref="Does"/> says) for faults of the command line or the
    /// configuration.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter? output = null, TextWriter? error = null)
    {
        var settings = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = StopPatience,
            Output = output ?? Console.Out,
            Error = error ?? Console.Error,
        };
        var parsed = _root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var code = await parsed.InvokeAsync(settings).ConfigureAwait(false);
        return parsed.Errors.Count > 0 ? FaultCode(parsed, code) : code;
    }

    private ServiceCommandLine Add(string flag, string valueName, string help, Option? sets)
    {
        var added = new System.CommandLine.Option<string?>(flag) { HelpName = valueName, Description = help, Recursive = true };
        _flags.Add((added, sets));
        _root.Add(added);
        return this;
    }

    private async Task<int> GuardAsync(
        ParseResult parsed, Func<CommandLineArguments, CancellationToken, Task<int>> main, CancellationToken stop)
    {
        try
        {
            return await main(Arguments(parsed), stop).ConfigureAwait(false);
        }
        catch (ConfigException e)
        {
            var error = parsed.InvocationConfiguration.Error;
            foreach (var fault in e.Faults)
                await error.WriteLineAsync(fault).ConfigureAwait(false);
            return FaultCode(parsed, 1);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
    }

    private int FaultCode(ParseResult parsed, int otherwise) =>
        _faultCodes.GetValueOrDefault(parsed.CommandResult.Command, otherwise);

    private CommandLineArguments Arguments(ParseResult parsed)
    {
        var given = _flags.Select(flag => (flag.Flag.Name, flag.Sets, Text: parsed.GetValue(flag.Flag)))
            .Where(flag => flag.Text is not null)
            .ToList();
        return new CommandLineArguments
        {
            ConfigFiles = parsed.GetValue(_configFiles) ?? [],
            ConfigDirectories = parsed.GetValue(_configDirs) ?? [],
            Debug = parsed.GetValue(_debug),
            Settings = [.. given.Where(flag => flag.Sets is not null)
                .Select(flag => new CommandLineSetting(flag.Name, flag.Sets!, flag.Text!))],
            Values = given.Where(flag => flag.Sets is null).ToDictionary(flag => flag.Name, flag => flag.Text!),
        };
    }

    private static System.CommandLine.Option<string[]> Repeatable(string name, string valueName, string help) =>
        new(name) { HelpName = valueName, Description = help, Recursive = true, AllowMultipleArgumentsPerToken = false };
}
