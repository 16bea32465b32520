using System.CommandLine;
using System.CommandLine.Completions;

namespace Cyborg.Cli;

/// <summary>Words that only the files or the service know. Whoever completes a line is not told of faults: there is then nothing to suggest.</summary>
/// <param name="open">Opens the service that a line means.</param>
/// <param name="patience">How long it is waited for.</param>
internal sealed class Suggestions(Func<ParseResult, TimeSpan, CyborgClient> open, TimeSpan patience)
{
    private static readonly Source Accelerators = new("/v1/accelerators", "accelerator", "name");
    private static readonly Source Drivers = new("/v1/drivers", "drivers", "id");

    // By the names of words and flags.
    private static readonly Dictionary<string, Source> Sources = new()
    {
        ["accelerator"] = Accelerators,
        ["--accelerator"] = Accelerators,
        ["driver_id"] = Drivers,
        ["--driver"] = Drivers,
    };

    /// <summary>Names of clouds.</summary>
    public static IEnumerable<CompletionItem> Clouds(Surroundings surroundings)
    {
        try
        {
            return [.. CloudFiles.Read(surroundings).Clouds.Select(cloud => new CompletionItem(cloud.Key))];
        }
        catch (CliFault)
        {
            return [];
        }
    }

    /// <summary>Has the service suggest what the words and flags of a verb may be.</summary>
    public void AddTo(Command command)
    {
        foreach (var word in command.Arguments)
        {
            if (Sources.TryGetValue(word.Name, out var source))
                word.CompletionSources.Add(context => Words(context, source));
        }
        foreach (var flag in command.Options)
        {
            if (Sources.TryGetValue(flag.Name, out var source))
                flag.CompletionSources.Add(context => Words(context, source));
        }
    }

    private IEnumerable<CompletionItem> Words(CompletionContext context, Source source)
    {
        try
        {
            using var client = open(context.ParseResult, patience);
            using var limit = new CancellationTokenSource(patience);
            // System.CommandLine asks synchronously, and nothing else runs meanwhile.
            var found = Task.Run(() => client.GetAsync(source.Path, limit.Token)).GetAwaiter().GetResult();
            var words = Page.List(found[source.List]).Rows.Select(row => (string?)row[source.Key]).OfType<string>();
            return [.. words.Where(IsWord).Select(word => new CompletionItem(word))];
        }
        catch (Exception fault) when (fault is CliFault or OperationCanceledException)
        {
            return [];
        }
    }

    // Names may have blanks and worse in them; such are typed by uuid.
    private static bool IsWord(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ':' or '/');

    /// <summary>Where words come from.</summary>
    private sealed record Source(string Path, string List, string Key);
}
