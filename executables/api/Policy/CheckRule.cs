using System.CommandLine;
using Cyborg.Hosting;
using Cyborg.Identity;
using Cyborg.Identity.Policy;

namespace Cyborg.Executables;

/// <summary><c>policy check</c>: asks the rules one question, or many from a file. One question: <c>true</c> or <c>false</c> is printed, and the
/// exit code is 0 or 1. Many: the exit code is 0 when all lines were answered. 2 when it could not be asked.</summary>
internal static class CheckRule
{
    private static readonly System.CommandLine.Option<string?> Rule = PolicyVerb.Flag("--rule", "NAME", "The rule to ask.");

    private static readonly System.CommandLine.Option<string[]> As = new("--as")
    {
        HelpName = "CALLER",
        Description = $"Who asks, e.g. \"roles=reader|member,project=P,user=U\". Words: {PolicyPersona.Words}. Nobody, if not given.",
    };

    private static readonly System.CommandLine.Option<string[]> Target = new("--target")
    {
        HelpName = "KEY=VALUE",
        Description = "A value of what the call is about; may be repeated. Without it the caller's own project_id and user_id, as for lists and "
            + "for what is created; project_id=P for an object of another project.",
    };

    private static readonly System.CommandLine.Option<string?> Batch = PolicyVerb.Flag(
        "--batch", "FILE",
        "Answers the questions of a file (- for standard input), one line each: {\"rule\": NAME, \"rules\": {NAME: CHECK}, \"target\": {}, "
        + "\"credentials\": {}}. With \"rules\" only these count, else the deployment's. A line that is no question is answered with false, and "
        + "standard error says why.");

    public static Command Command(ServiceCommandLine line)
    {
        var command = new Command("check", "Asks the deployment's rules whether somebody may do something: 0 yes, 1 no, 2 it could not be asked.")
        {
            Rule, As, Target, Batch,
        };
        command.Validators.Add(result =>
        {
            var isBatch = result.GetValue(Batch) is not null;
            if (isBatch == result.GetValue(Rule) is not null)
                result.AddError("Write either --rule NAME or --batch FILE.");
            else if (isBatch && (result.GetResult(As) is not null || result.GetResult(Target) is not null))
                result.AddError("--as and --target go with --rule; a batch has its own in each line.");
        });
        return line.Does(
            command,
            (arguments, parsed, stop) => parsed.GetValue(Batch) is { } file
                ? BatchAsync(arguments, file, stop)
                : OneAsync(arguments, parsed, stop),
            PolicyVerb.Unusable);
    }

    private static async Task<int> OneAsync(CommandLineArguments arguments, ParseResult parsed, CancellationToken stop)
    {
        Credentials caller;
        Dictionary<string, string?> target;
        try
        {
            caller = PolicyPersona.Parse(parsed.GetValue(As) ?? []);
            target = TargetOf(caller, parsed.GetValue(Target) ?? []);
        }
        catch (FormatException fault)
        {
            await Console.Error.WriteLineAsync(fault.Message);
            return PolicyVerb.Unusable;
        }
        var rule = parsed.GetValue(Rule)!;
        return await PolicyVerb.WithRulesAsync(arguments, async enforcer =>
        {
            if (enforcer.Rules.All(known => known.Name != rule))
                await Console.Error.WriteLineAsync($"{Printable.Escape(rule, 200)}: the API asks for no such rule; it lets nobody in");
            var allows = await enforcer.AllowsAsync(rule, target, caller, stop);
            await Console.Out.WriteLineAsync(allows ? "true" : "false");
            return allows ? 0 : 1;
        });
    }

    private static Dictionary<string, string?> TargetOf(Credentials caller, string[] given)
    {
        var target = new Dictionary<string, string?> { ["project_id"] = caller.ProjectId, ["user_id"] = caller.UserId };
        foreach (var pair in given)
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw new FormatException($"--target {Printable.Escape(pair, 200)}: write KEY=VALUE");
            target[pair[..equals]] = pair[(equals + 1)..];
        }
        return target;
    }

    private static Task<int> BatchAsync(CommandLineArguments arguments, string file, CancellationToken stop) =>
        PolicyVerb.WithRulesAsync(arguments, async enforcer =>
        {
            await using var questions = file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);
            await using var answers = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 64 * 1024);
            await PolicyBatch.RunAsync(enforcer, questions, answers, Console.Error, stop);
            return 0;
        });
}
