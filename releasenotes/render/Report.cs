using System.Text;

namespace Cyborg.ReleaseNotes;

/// <summary>Notes as a page of Markdown. Pure.</summary>
internal static class Report
{
    /// <summary>The page: section by section as reno orders them, in each the texts by the names of their notes.</summary>
    public static string Render(IReadOnlyList<Note> notes)
    {
        var page = new StringBuilder("# Release notes\n");
        foreach (var (key, title) in Note.Sections)
        {
            var texts = notes.SelectMany(note => note.Texts.GetValueOrDefault(key) ?? []).ToList();
            if (texts.Count == 0)
                continue;
            page.Append("\n## ").Append(title).Append("\n\n");
            foreach (var text in texts)
                page.Append(key == Note.Prelude ? $"{Markdown(text)}\n\n" : $"- {Markdown(text).Replace("\n", "\n  ", StringComparison.Ordinal)}\n");
        }
        return string.Join('\n', page.ToString().Split('\n').Select(line => line.TrimEnd())).TrimEnd() + "\n";
    }

    // Of reStructuredText the notes use literals and paragraphs.
    private static string Markdown(string text) => text.Replace("``", "`", StringComparison.Ordinal);
}
