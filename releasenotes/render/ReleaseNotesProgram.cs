namespace Cyborg.ReleaseNotes;

/// <summary>Renders the release notes as one page of Markdown: <c>dotnet run --project releasenotes/render [FOLDER [PAGE]]</c>. FOLDER has the notes, by
/// default <c>releasenotes/notes</c>; the page is <c>artifacts/release-notes.md</c>.</summary>
internal static class ReleaseNotesProgram
{
    public static int Main(string[] args)
    {
        var folder = args.Length > 0 ? args[0] : Path.Combine("releasenotes", "notes");
        var page = args.Length > 1 ? args[1] : Path.Combine("artifacts", "release-notes.md");
        try
        {
            var text = Report.Render(Note.LoadAll(folder));
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(page))!);
            File.WriteAllText(page, text);
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"release notes: {fault.Message}");
            return 1;
        }
        Console.WriteLine(page);
        return 0;
    }
}
