using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Cyborg.Api;
using Cyborg.Hosting;
using Cyborg.Identity.Policy;
using Spectre.Console;

namespace Cyborg.Executables;

/// <summary><c>policy list</c>: every rule with its default, its deprecated default, and the operations that it guards.</summary>
internal static class ListRules
{
    private static readonly string[] Headers = ["Rule", "Default", "Deprecated default", "Operations", "Description"];

    private const int WidthForSentences = 160;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Command Command(ServiceCommandLine line)
    {
        var format = new System.CommandLine.Option<string>("--format", "-f")
        {
            HelpName = "FORMAT",
            Description = "table, json, yaml, or value: one rule a line, with tabs between its columns.",
            DefaultValueFactory = _ => "table",
        };
        format.AcceptOnlyFromAmong("table", "json", "yaml", "value");
        var command = new Command("list", "Lists every rule with its defaults and its operations; files of operators do not count here.") { format };
        return line.Does(
            command,
            (_, parsed, _) =>
            {
                Print(parsed.GetValue(format)!);
                return Task.FromResult(0);
            },
            PolicyVerb.Unusable);
    }

    private static void Print(string format)
    {
        switch (format)
        {
            case "json":
                Console.Out.WriteLine(JsonSerializer.Serialize(ApiPolicies.All.Select(Entry), Json));
                break;
            case "yaml":
                foreach (var rule in ApiPolicies.All)
                    PrintYaml(rule);
                break;
            case "value":
                foreach (var row in ApiPolicies.All.Select(Row))
                    Console.Out.WriteLine(string.Join('\t', row));
                break;
            default:
                PrintTable([.. ApiPolicies.All.Select(Row)]);
                break;
        }
    }

    private static string[] Row(PolicyRule rule) =>
    [
        rule.Name, rule.Check, rule.Deprecated?.Check ?? "",
        string.Join(", ", rule.Operations.Select(operation => $"{operation.Method} {operation.Path}")), rule.Description,
    ];

    private static RuleEntry Entry(PolicyRule rule) => new(
        rule.Name, rule.Check, rule.Deprecated, rule.ForRemovalSince, rule.ScopeTypes, rule.Operations, rule.Description);

    // Texts in double quotes mean the same in JSON and YAML.
    private static void PrintYaml(PolicyRule rule)
    {
        var mark = "- ";
        foreach (var member in JsonSerializer.SerializeToElement(Entry(rule), Json).EnumerateObject())
        {
            Console.Out.WriteLine($"{mark}{member.Name}: {JsonSerializer.Serialize(member.Value, InOneLine)}");
            mark = "  ";
        }
    }

    private static JsonSerializerOptions InOneLine { get; } = new(Json) { WriteIndented = false };

    private static void PrintTable(IReadOnlyList<string[]> rows)
    {
        if (Console.IsOutputRedirected)
        {
            PrintPlain([Headers, .. rows]);
            return;
        }
        var table = new Table { Border = TableBorder.Rounded };
        // On a narrow terminal the sentences would break the names, which matter more.
        var columns = AnsiConsole.Profile.Width < WidthForSentences ? Headers.Length - 1 : Headers.Length;
        foreach (var header in Headers.Take(columns))
            table.AddColumn(new TableColumn(new Text(header, new Style(decoration: Decoration.Bold))) { NoWrap = header == Headers[0] });
        foreach (var row in rows)
            table.AddRow(row.Take(columns).Select(cell => new Text(cell)));
        AnsiConsole.Write(table);
    }

    /// <summary>Columns under one another, for a file or another program: no frame, no colour, no line broken.</summary>
    private static void PrintPlain(IReadOnlyList<string[]> rows)
    {
        var widths = Enumerable.Range(0, Headers.Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
            Console.Out.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }

    private sealed record RuleEntry(
        string Name, string Default, DeprecatedRule? Deprecated, string? DeprecatedForRemovalSince,
        IReadOnlyList<string> ScopeTypes, IReadOnlyList<PolicyOperation> Operations, string Description);
}
