using Spectre.Console;

namespace Cyborg.Cli;

/// <summary>Tables: with a frame and fitted to a width for people, plain columns for files and other programs.</summary>
internal static class PageTable
{
    private const int OddWidth = 80;

    public static void Write(Page page, PageLayout layout, TextWriter output)
    {
        string[] headers = page.IsOne ? ["field", "value"] : [.. layout.Columns.Select(column => column.Name)];
        var rows = page.IsOne
            ? layout.Columns.Select(column => new[] { column.Name, PageFormats.Cell(column.Read(page.Rows[0])) }).ToList()
            : [.. page.Rows.Select(row => PageFormats.Cells(row, layout).ToArray())];
        if (layout.Width is { } width)
            WriteFramed(headers, rows, width, output);
        else
            WritePlain([headers, .. rows], output);
    }

    /// <summary>The terminal's width.</summary>
    public static int TerminalWidth()
    {
        try
        {
            return Console.WindowWidth is > 0 and var width ? width : OddWidth;
        }
        catch (IOException)
        {
            return OddWidth;
        }
    }

    private static void WriteFramed(string[] headers, List<string[]> rows, int width, TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = width;
        var table = new Table { Border = TableBorder.Ascii };
        // What a row is found by is not broken.
        foreach (var header in headers)
            table.AddColumn(new TableColumn(new Text(header)) { NoWrap = header == headers[0] });
        foreach (var row in rows)
            table.AddRow(row.Select(cell => new Text(cell)));
        console.Write(table);
    }

    /// <summary>Columns under one another: no frame, no line broken.</summary>
    private static void WritePlain(IReadOnlyList<string[]> rows, TextWriter output)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
            output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
