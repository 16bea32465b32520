using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Cyborg.Executables.Upgrade;

/// <summary>Shows results as oslo.upgradecheck does: one column, a box for each check, details wrapped at 60 characters. Pure.</summary>
internal static class UpgradeTable
{
    private const string Title = "Upgrade Check Results";
    private const string Label = "Details: ";
    private const int Width = 60;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string ToText(IReadOnlyList<(string Name, UpgradeResult Result)> results)
    {
        var cells = results.Select(Cell).Prepend([Title]).ToList();
        var width = cells.Max(cell => cell.Max(line => line.Length));
        var rule = $"+{new string('-', width + 2)}+\n";
        var text = new StringBuilder(rule);
        foreach (var cell in cells)
        {
            foreach (var line in cell)
                text.Append("| ").Append(line.PadRight(width)).Append(" |\n");
            text.Append(rule);
        }
        return text.ToString();
    }

    public static string ToJson(IReadOnlyList<(string Name, UpgradeResult Result)> results) => JsonSerializer.Serialize(
        new { Name = Title, Checks = results.Select(result => new { Check = result.Name, Result = (int)result.Result.Code, result.Result.Details }) }, Json) + "\n";

    private static List<string> Cell((string Name, UpgradeResult Result) check) =>
    [
        $"Check: {check.Name}",
        $"Result: {check.Result.Code}",
        .. Wrap(check.Result.Details ?? "None").Select((line, index) => (index == 0 ? Label : new string(' ', Label.Length)) + line),
    ];

    private static IEnumerable<string> Wrap(string text)
    {
        var line = new StringBuilder();
        foreach (var word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > Width)
            {
                yield return line.ToString();
                line.Clear();
            }
            line.Append(line.Length == 0 ? "" : " ").Append(word);
        }
        yield return line.ToString();
    }
}
