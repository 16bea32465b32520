using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cyborg.Hosting;

namespace Cyborg.Cli;

/// <summary>The formats of pages, each in one function: the one place that knows them.</summary>
internal static class PageFormats
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions InOneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>By name.</summary>
    public static IReadOnlyDictionary<string, Action<Page, PageLayout, TextWriter>> All { get; } = new Dictionary<string, Action<Page, PageLayout, TextWriter>>
    {
        ["table"] = PageTable.Write,
        ["json"] = (page, layout, output) => output.WriteLine(Tree(page, layout).ToJsonString(Indented)),
        ["yaml"] = (page, layout, output) => PageYaml.Write(Tree(page, layout), output),
        ["value"] = WriteValues,
        ["csv"] = WriteCsv,
    };

    /// <summary>A value in a cell: one line, without characters that a terminal obeys.</summary>
    public static string Cell(JsonNode? value) => Printable.Escape(value switch
    {
        null => "",
        JsonArray items when items.All(item => item is not (JsonObject or JsonArray)) => string.Join(", ", items.Select(Plain)),
        JsonObject or JsonArray => value.ToJsonString(InOneLine),
        _ => Plain(value),
    });

    /// <summary>The columns' values of a row.</summary>
    public static IEnumerable<string> Cells(JsonNode row, PageLayout layout) => layout.Columns.Select(column => Cell(column.Read(row)));

    private static string Plain(JsonNode? value) =>
        value is null ? "" : value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString(InOneLine);

    private static JsonNode Tree(Page page, PageLayout layout)
    {
        var rows = page.Rows.Select(row => Object(row, layout));
        return page.IsOne ? rows.First() : new JsonArray([.. rows]);
    }

    private static JsonObject Object(JsonNode row, PageLayout layout) =>
        new(layout.Columns.DistinctBy(column => column.Name).Select(column => KeyValuePair.Create(column.Name, column.Read(row)?.DeepClone())));

    // One object is a value a line: cut -f and read have nothing to skip.
    private static void WriteValues(Page page, PageLayout layout, TextWriter output)
    {
        foreach (var row in page.Rows)
            output.WriteLine(string.Join(page.IsOne ? '\n' : '\t', Cells(row, layout)));
    }

    // RFC 4180, with the line ends of this machine.
    private static void WriteCsv(Page page, PageLayout layout, TextWriter output)
    {
        output.WriteLine(string.Join(',', layout.Columns.Select(column => column.Name)));
        foreach (var row in page.Rows)
            output.WriteLine(string.Join(',', Cells(row, layout).Select(Quoted)));
    }

    private static string Quoted(string cell) =>
        cell.AsSpan().ContainsAny(',', '"') ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
}
