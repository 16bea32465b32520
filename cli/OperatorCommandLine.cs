using System.CommandLine;
using System.CommandLine.Help;
using Cyborg.Hosting;

namespace Cyborg.Cli;

/// <summary>The operator's command line, <c>cyborg</c>. Most verbs (<see cref="VerbTable"/>) ask the service over its API. For some it becomes, or runs, the
/// program of the service that knows the verb, so that a machine needs only the programs of the services that it runs.</summary>
public static class OperatorCommandLine
{
    private const string Name = "cyborg";

    /// <summary>Does what the arguments say.</summary>
    /// <param name="args">The arguments of <c>Main</c>.</param>
    /// <returns>The exit code: 0 done, 1 refused or failed, 2 faults of the command line or of clouds.yaml, 3 begun and going on, 127 if the program that knows
    /// the verb is not on this machine, 130 when stopped.</returns>
    public static Task<int> RunAsync(string[] args) => RunAsync(args, Surroundings.OfProcess());

    /// <summary>As above, somewhere else than in this process.</summary>
    internal static async Task<int> RunAsync(string[] args, Surroundings surroundings)
    {
        try
        {
            return await RunGuardedAsync(args, surroundings).ConfigureAwait(false);
        }
        catch (CliFault fault)
        {
            await surroundings.Error.WriteLineAsync($"{Name}: {fault.Message}").ConfigureAwait(false);
            return fault.Code;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Stopped;
        }
        catch (IOException fault)
        {
            // Standard output is a pipe whose reader has gone, or a full disk.
            await surroundings.Error.WriteLineAsync($"{Name}: {Printable.Escape(fault.Message, 500)}").ConfigureAwait(false);
            return ExitCodes.Failed;
        }
    }

    private static async Task<int> RunGuardedAsync(string[] args, Surroundings surroundings)
    {
        if (CompletedVerb(args) is { } completed && Find(completed) is { Count: > 0 } programs)
            return await BecomeAsync(programs[0], args, surroundings).ConfigureAwait(false);
        var root = new RootCommand("The operator's commands of Cyborg.");
        PlainHelp(root);
        var debug = AddSharedFlags(root);
        var clouds = new CloudFlags(root, surroundings);
        var suggestions = new Suggestions(
            (line, patience) => CyborgClient.Open(clouds.Choose(line, surroundings), surroundings, patience), surroundings.SuggestPatience);
        foreach (var make in VerbTable.OfService)
        {
            var verb = make();
            var command = verb.Finish();
            command.SetAction((parsed, stop) => verb.RunAsync(parsed, surroundings, clouds, parsed.GetValue(debug), stop));
            suggestions.AddTo(command);
            root.Add(command);
        }
        root.Add(Complete(surroundings));
        var handedOver = new Dictionary<Command, RoomVerb>();
        foreach (var verb in VerbTable.OfPrograms)
        {
            var command = new Command(verb.Name, verb.Help) { TreatUnmatchedTokensAsErrors = false };
            root.Add(command);
            handedOver[command] = verb;
        }
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        // Even --help behind such a verb is the other program's.
        if (handedOver.TryGetValue(parsed.CommandResult.Command, out var known))
            return await HandOverAsync(known, args, parsed.UnmatchedTokens is [var word, ..] ? word : null, surroundings).ConfigureAwait(false);
        if (parsed.Errors.Count > 0)
            throw ParseFault.Of(parsed);
        var settings = new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = surroundings.Output, Error = surroundings.Error };
        return await parsed.InvokeAsync(settings).ConfigureAwait(false);
    }

    // Of the flags that mean help two are enough: all would be suggested.
    private static void PlainHelp(RootCommand root)
    {
        foreach (var option in root.Options.OfType<HelpOption>().ToList())
            root.Options.Remove(option);
        root.Add(new HelpOption("--help", "-h"));
    }

    private static System.CommandLine.Option<bool> AddSharedFlags(RootCommand root)
    {
        // The programs of services know these two; other verbs take them without effect.
        foreach (var name in new[] { "--config-file", "--config-dir" })
            root.Add(new System.CommandLine.Option<string[]>(name) { Recursive = true, Hidden = true, AllowMultipleArgumentsPerToken = false });
        var debug = new System.CommandLine.Option<bool>("--debug") { Description = "Tell each call on standard error; never a secret.", Recursive = true };
        root.Add(debug);
        return debug;
    }

    private static Command Complete(Surroundings surroundings)
    {
        var shell = new System.CommandLine.Option<string>("--shell") { HelpName = "SHELL", Description = "bash or zsh.", Required = true };
        shell.AcceptOnlyFromAmong([.. CompletionScripts.All.Keys]);
        var command = new Command("complete", "Prints a script that completes this program's lines in a shell.") { shell };
        command.SetAction(parsed => surroundings.Output.WriteLine(CompletionScripts.All[parsed.GetRequiredValue(shell)]));
        return command;
    }

    /// <summary>The verb of another program in a line that is to be completed: <c>[suggest:8] "policy l"</c>.</summary>
    private static RoomVerb? CompletedVerb(string[] args) => args is [var directive, var line] && directive.StartsWith("[suggest", StringComparison.Ordinal)
        ? VerbTable.OfPrograms.FirstOrDefault(verb => line.StartsWith(verb.Name + " ", StringComparison.Ordinal))
        : null;

    private static List<string> Find(RoomVerb verb) =>
        [.. verb.Programs.Select(program => RoomProgram.Find(program, AppContext.BaseDirectory, Environment.GetEnvironmentVariable("PATH"))).OfType<string>()];

    private static async Task<int> HandOverAsync(RoomVerb verb, string[] args, string? word, Surroundings surroundings)
    {
        var programs = Find(verb);
        if (programs.Count == 0)
        {
            throw new CliFault(
                $"{string.Join(", ", verb.Programs)}: it is neither in {AppContext.BaseDirectory} nor in PATH; run this where it is installed", ExitCodes.NotHere);
        }
        if (programs.Count == 1)
            return await BecomeAsync(programs[0], args, surroundings).ConfigureAwait(false);
        if (verb.ByOne is { } one && one.Word == word)
            return await BecomeAsync(programs[0], args.Contains(one.Flag) ? args : [.. args, one.Flag], surroundings).ConfigureAwait(false);
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stop.Cancel();
        };
        return await RoomPages.RunAsync(programs, args, surroundings, stop.Token).ConfigureAwait(false);
    }

    private static async Task<int> BecomeAsync(string program, string[] args, Surroundings surroundings)
    {
        await surroundings.Output.FlushAsync().ConfigureAwait(false);
        throw new CliFault($"{program}: {RoomProgram.Become(program, args)}", ExitCodes.NotHere);
    }
}
