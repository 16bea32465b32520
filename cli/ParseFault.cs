using System.CommandLine;
using Cyborg.Hosting;

namespace Cyborg.Cli;

/// <summary>Makes of what System.CommandLine found wrong one line with what would be right.</summary>
internal static class ParseFault
{
    private const int NearEnough = 3;

    /// <summary>The first fault; others often follow from it. A word that follows an unknown flag may be a password: it is not repeated.</summary>
    public static CliFault Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var verb = command is RootCommand ? "cyborg" : $"cyborg {command.Name}";
        var (text, near) = parsed.UnmatchedTokens.Count > 0
            ? Unknown(parsed.UnmatchedTokens[0], command)
            : (Missing(parsed) ?? Known(parsed.Errors[0].Message), null);
        var remedy = near is null ? $"see {verb} --help" : $"did you mean {near}?";
        return CliFault.Usage($"{(command is RootCommand ? "" : command.Name + ": ")}{Printable.Escape(text, 300)}; {remedy}");
    }

    private static string? Missing(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (command is RootCommand)
            return "no verb is given";
        var missing = command.Arguments.FirstOrDefault(word => word.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(word) is not { Tokens.Count: > 0 });
        return missing is null ? null : $"{missing.Name} is missing";
    }

    // System.CommandLine lists what is allowed in a line each.
    private static string Known(string message)
    {
        var lines = message.TrimEnd('.').Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines.Length == 1 ? lines[0] : $"{lines[0]} {string.Join(", ", lines[1..])}";
    }

    private static (string Text, string? Near) Unknown(string token, Command command)
    {
        var isFlag = token.StartsWith('-');
        var name = isFlag ? token.Split('=', ':')[0] : token;
        var known = isFlag
            ? command.Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options.Where(option => option.Recursive)))
                .SelectMany(option => option.Aliases.Prepend(option.Name))
            : command.Subcommands.Select(verb => verb.Name);
        var kind = isFlag ? "flag" : command is RootCommand ? "verb" : "word";
        return ($"there is no {kind} {name}", Nearest(name, known));
    }

    private static string? Nearest(string name, IEnumerable<string> known) =>
        known.Select(one => (Name: one, Distance: Distance(name, one)))
            .Where(one => one.Distance <= NearEnough && one.Distance < one.Name.Length)
            .OrderBy(one => one.Distance)
            .Select(one => one.Name)
            .FirstOrDefault();

    /// <summary>How many letters must be put in, taken out or changed (Levenshtein).</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var (corner, left) = (row[0], i);
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var best = Math.Min(Math.Min(row[j], left) + 1, corner + (one[i - 1] == other[j - 1] ? 0 : 1));
                corner = row[j];
                left = row[j] = best;
            }
        }
        return row[other.Length];
    }
}
