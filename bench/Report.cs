using System.Globalization;
using System.Text;

namespace Cyborg.Bench;

/// <summary>The page of figures.</summary>
internal static class Report
{
    /// <summary>Where the figures begin and end in the page; what stands around them is written by hand.</summary>
    private const string Begin = "<!-- figures: bench/run.sh writes what follows -->", End = "<!-- end of figures -->";

    /// <summary>The table, as Markdown.</summary>
    public static string Table(IEnumerable<Row> rows)
    {
        var text = new StringBuilder("| work | target | measured | |\n|---|---|---|---|\n");
        foreach (var row in rows)
            text.Append(CultureInfo.InvariantCulture, $"| {row.Work} | {row.Target} | {Measured(row)} | {(row.Verdict == "misses" ? "**misses**" : row.Verdict)} |\n");
        return text.ToString();
    }

    /// <summary>One row, for people who wait.</summary>
    public static string Line(Row row) => $"{(row.Verdict == "misses" ? "MISSES" : row.Verdict),-6} {row.Work}: {Measured(row)}{(row.Target is null ? "" : $" [{row.Target}]")}";

    private static string Measured(Row row)
    {
        var spread = row.Value.IsOne ? "" : $" ({row.Value.Spread})";
        return $"**{row.Value.Middle}{(row.Unit.Length == 0 ? "" : " " + row.Unit)}**{spread}{(row.Detail.Length == 0 ? "" : ": " + row.Detail)}";
    }

    /// <summary>What the figures were taken on.</summary>
    public static string Machine()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[^1].Trim() ?? "unknown processor";
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024.0 * 1024 * 1024);
        return string.Create(CultureInfo.InvariantCulture, $"{DateTimeOffset.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} cores ({model}), {memory:F0} GiB, .NET {Environment.Version}");
    }

    /// <summary>Puts the figures into the page.</summary>
    /// <exception cref="InvalidDataException">The page does not say where.</exception>
    public static void Write(string page, string figures)
    {
        var text = File.ReadAllText(page);
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin)
            throw new InvalidDataException($"{page} lacks the lines \"{Begin}\" and \"{End}\"");
        File.WriteAllText(page, $"{text[..(begin + Begin.Length)]}\n\n{figures}\n{text[end..]}");
    }
}
