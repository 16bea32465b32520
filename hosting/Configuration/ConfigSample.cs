using System.Text;

namespace Cyborg.Hosting;

/// <summary>Writes a sample of cyborg.conf in the form of oslo-config-generator: every option with its help, its bounds and its default, commented out.
/// Pure.</summary>
public static class ConfigSample
{
    private const int Width = 100;
    private const string DynamicMark = "#";

    /// <summary>The text of a sample.</summary>
    /// <param name="options">The options, in any order; of two with one section and name the first counts.</param>
    public static string Of(IReadOnlyList<Option> options)
    {
        var text = new StringBuilder();
        var sections = options.DistinctBy(option => (option.Section, option.Name))
            .GroupBy(option => option.Section)
            .OrderBy(section => Rank(section.Key))
            .ThenBy(section => section.Key, StringComparer.Ordinal);
        foreach (var section in sections)
        {
            text.Append(text.Length == 0 ? "" : "\n\n").Append(Header(section.Key));
            foreach (var option in section.OrderBy(option => option.Name, StringComparer.Ordinal))
                Append(text.Append('\n'), option);
        }
        return text.ToString();
    }

    /// <summary>The options that a sample names, by section; those of sections whose names are the operator's stand under a pattern such as
    /// <c>vgpu_*</c>.</summary>
    /// <param name="sample">The text.</param>
    internal static IEnumerable<(string Section, string Name)> NamesIn(string sample)
    {
        var section = "";
        foreach (var line in sample.Split('\n'))
        {
            var shown = line.StartsWith(DynamicMark, StringComparison.Ordinal) ? line[DynamicMark.Length..] : line;
            if (shown.StartsWith('[') && shown.EndsWith(']'))
                section = shown[1..^1];
            else if (line.StartsWith(DynamicMark, StringComparison.Ordinal) && NameAt(shown) is { } name)
                yield return (section, name);
        }
    }

    private static string? NameAt(string line)
    {
        var end = line.IndexOf(" =", StringComparison.Ordinal);
        return end > 0 && line[..end].All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') ? line[..end] : null;
    }

    // Where one begins to read; then by name, and last the sections whose names are the operator's.
    private static int Rank(string section) => section == "DEFAULT" ? 0 : section.EndsWith('*') ? 2 : 1;

    private static string Header(string section) => section switch
    {
        "*" => "#[*]\n# Sections whose names are the operator's: each backend of [generic] enabled_backends has one. These options stand in such sections.\n",
        _ when section.EndsWith('*') => $"#[{section}]\n# Every section whose name begins with {section[..^1]} may hold these options.\n",
        _ => $"[{section}]\n",
    };

    private static void Append(StringBuilder text, Option option)
    {
        // Lines of the help's own are kept: they are a list of something.
        foreach (var line in $"{option.Help} ({TypeOf(option)})".ReplaceLineEndings("\n").Split('\n').SelectMany(Wrap))
            text.Append("# ").Append(line).Append('\n');
        foreach (var limit in option.Limits)
            text.Append("# ").Append(limit).Append('\n');
        if (option.IsMutable)
            text.Append("# Note: This option can be changed without restarting.\n");
        if (option.SampleDefault is { } shown)
        {
            // It depends on the machine, and so is no line to uncomment as it is.
            text.Append("# This option has a sample default set, which means that its actual default value may vary from the one documented below.\n");
            text.Append('#').Append(option.Name).Append(" = <").Append(shown).Append(">\n");
            return;
        }
        text.Append('#').Append(option.Name).Append(" =").Append(option.DefaultText switch { null => " <None>", "" => "", var value => " " + value });
        text.Append('\n');
    }

    private static string TypeOf(Option option) => option.TypeName switch
    {
        "text" => "string value",
        "integer" => "integer value",
        "number" => "floating point value",
        "boolean" => "boolean value",
        "list" => "list value",
        "text, repeatable" => "multi valued",
        _ => "string value",
    };

    private static IEnumerable<string> Wrap(string sentence)
    {
        var line = new StringBuilder();
        foreach (var word in sentence.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > Width)
            {
                yield return line.ToString();
                line.Clear();
            }
            line.Append(line.Length == 0 ? "" : " ").Append(word);
        }
        if (line.Length > 0)
            yield return line.ToString();
    }
}
