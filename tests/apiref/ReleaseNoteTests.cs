using System.Diagnostics;
using Cyborg.ReleaseNotes;

namespace Cyborg.ApiRef.Tests;

/// <summary>The release notes: each is in reno's form, and none is lost on the page.</summary>
public sealed class ReleaseNoteTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "releasenotes", "notes");

    [Fact]
    public void Every_note_is_in_the_form_of_reno_and_on_the_page()
    {
        var notes = Note.LoadAll(Folder);
        var page = Report.Render(notes);
        Assert.NotEmpty(notes);
        Assert.All(Texts(notes), text => Assert.Contains(Words(text.Replace("``", "`", StringComparison.Ordinal)), Words(page), StringComparison.Ordinal));
        Assert.All(
            Note.Sections.Where(section => notes.Any(note => note.Texts.ContainsKey(section.Key))),
            section => Assert.Contains($"## {section.Title}\n", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_note_has_a_number_of_its_own() =>
        Assert.Empty(Note.LoadAll(Folder).GroupBy(note => note.Name[^16..]).Where(group => group.Count() > 1).Select(group => group.Key));

    [Theory]
    [InlineData("a-0123456789abcdef.yaml", "features: []")]
    [InlineData("a-0123456789abcdef.yaml", "features: text")]
    [InlineData("a-0123456789abcdef.yaml", "prelude: [text]")]
    [InlineData("a-0123456789abcdef.yaml", "news:\n- text")]
    [InlineData("a-0123456789abcdef.yaml", "features:\n- {a: b}")]
    [InlineData("a-0123456789abcdef.yaml", "")]
    [InlineData("a-0123456789abcdef.yaml", "features: [")]
    [InlineData("a.yaml", "features:\n- text")]
    public void What_is_no_note_is_refused(string name, string text)
    {
        var folder = Directory.CreateTempSubdirectory("cyborg-notes-");
        File.WriteAllText(Path.Combine(folder.FullName, name), text);
        Assert.Throws<InvalidDataException>(() => Note.LoadAll(folder.FullName));
        Assert.Equal(1, ReleaseNotesProgram.Main([folder.FullName, Path.Combine(folder.FullName, "page.md")]));
        folder.Delete(recursive: true);
    }

    [Fact]
    public void The_command_writes_the_page()
    {
        var folder = Directory.CreateTempSubdirectory("cyborg-notes-");
        var page = Path.Combine(folder.FullName, "page.md");
        Assert.Equal(0, ReleaseNotesProgram.Main([Folder, page]));
        Assert.Equal(Report.Render(Note.LoadAll(Folder)), File.ReadAllText(page));
        folder.Delete(recursive: true);
    }

    /// <summary>Debian's package python3-reno.</summary>
    [Fact]
    public async Task Reno_itself_takes_them()
    {
        if (!File.Exists("/usr/bin/reno"))
        {
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", "reno is missing: Debian's package python3-reno");
            Assert.Skip("needs reno (apt-get install python3-reno)");
        }
        var folder = Directory.CreateTempSubdirectory("cyborg-reno-");
        var notes = folder.CreateSubdirectory("releasenotes").CreateSubdirectory("notes");
        foreach (var note in Directory.GetFiles(Folder))
            File.Copy(note, Path.Combine(notes.FullName, Path.GetFileName(note)));
        await RunAsync(folder.FullName, "git", "init", "--quiet");
        await RunAsync(folder.FullName, "git", "add", ".");
        await RunAsync(
            folder.FullName, "git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false", "commit", "--quiet", "--message", "Notes");
        await RunAsync(folder.FullName, "reno", "lint");
        var report = Words(await RunAsync(folder.FullName, "reno", "report"));
        folder.Delete(recursive: true);
        Assert.All(Texts(Note.LoadAll(Folder)), text => Assert.Contains(Words(text), report, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Texts(IEnumerable<Note> notes) => notes.SelectMany(note => note.Texts.Values).SelectMany(texts => texts);

    private static async Task<string> RunAsync(string folder, string program, params string[] arguments)
    {
        var stop = TestContext.Current.CancellationToken;
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (text, errors) = (process.StandardOutput.ReadToEndAsync(stop), process.StandardError.ReadToEndAsync(stop));
        await process.WaitForExitAsync(stop);
        Assert.True(process.ExitCode == 0, await errors);
        return await text;
    }

    private static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
