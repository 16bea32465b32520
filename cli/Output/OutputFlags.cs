using System.CommandLine;
using Cyborg.Hosting;

namespace Cyborg.Cli;

/// <summary>The flags that say how a page is printed: <c>-f</c>, <c>-c</c>, <c>--max-width</c>.</summary>
internal sealed class OutputFlags
{
    private readonly IReadOnlyList<Column> _columns;
    private readonly IReadOnlyList<string> _shown;
    private readonly System.CommandLine.Option<string> _format = new("--format", "-f")
    {
        HelpName = "FORMAT",
        Description = "table, json, yaml, csv, or value: one row a line, with tabs between its columns.",
        DefaultValueFactory = _ => "table",
    };
    private readonly System.CommandLine.Option<string[]> _chosen = new("--column", "-c")
    {
        HelpName = "COLUMN",
        AllowMultipleArgumentsPerToken = false,
    };
    private readonly System.CommandLine.Option<int?> _width = new("--max-width")
    {
        HelpName = "CHARACTERS",
        Description = "Widest table; the terminal's width if not given, any into a file.",
    };

    /// <summary>Adds them to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="columns">All columns that there are, in order.</param>
    /// <param name="shown">Those that a table shows where none is chosen; empty for all.</param>
    public OutputFlags(Command command, IReadOnlyList<Column> columns, IReadOnlyList<string> shown)
    {
        _columns = columns;
        _shown = shown;
        _format.AcceptOnlyFromAmong([.. PageFormats.All.Keys]);
        _chosen.Description = $"Column to show, repeatable; of {string.Join(", ", columns.Select(column => column.Name))}.";
        _chosen.CompletionSources.Add([.. columns.Select(column => column.Name)]);
        command.Add(_format);
        command.Add(_chosen);
        command.Add(_width);
    }

    /// <summary>What these flags say.</summary>
    /// <exception cref="CliFault">There is no such column, or no such width.</exception>
    public PageLayout Read(ParseResult parsed, Surroundings surroundings)
    {
        var wanted = parsed.GetValue(_chosen) is { Length: > 0 } named ? named : _shown;
        var found = wanted.Count == 0 ? _columns : [.. wanted.Select(Find)];
        if (parsed.GetValue(_width) is < 20)
            throw CliFault.Usage("--max-width takes a number from 20 on");
        var most = parsed.GetValue(_width) ?? (surroundings.OutputIsTerminal ? Math.Max(20, PageTable.TerminalWidth()) : null);
        return new PageLayout(parsed.GetRequiredValue(_format), found, most);
    }

    private Column Find(string name) =>
        _columns.FirstOrDefault(column => column.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw CliFault.Usage($"there is no column {Printable.Escape(name, 80)}; write one of {string.Join(", ", _columns.Select(column => column.Name))}");
}

/// <summary>How a page is printed.</summary>
/// <param name="Format">A key of <see cref="PageFormats.All"/>.</param>
/// <param name="Columns">What is shown of each row.</param>
/// <param name="Width">Widest table, in characters; null for any, without a frame.</param>
internal sealed record PageLayout(string Format, IReadOnlyList<Column> Columns, int? Width);
