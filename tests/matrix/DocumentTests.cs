using System.Globalization;
using System.Text;

namespace Cyborg.Matrix.Tests;

/// <summary>The matrix as operators read it: doc/policy.md holds the same table as the tests.</summary>
public sealed class DocumentTests
{
    private const string Write = "CYBORG_WRITE_DOC";
    private const string Begin = "<!-- The matrix: written by tests/matrix, not by hand. -->";

    private static readonly string File = Path.Combine(Root(), "doc", "policy.md");

    [Fact]
    public async Task The_document_has_the_tables_of_the_tests()
    {
        var text = await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken);
        var before = text[..(text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length)];
        var expected = before + Tables();
        if (Environment.GetEnvironmentVariable(Write) is { Length: > 0 })
            await System.IO.File.WriteAllTextAsync(File, expected, TestContext.Current.CancellationToken);
        else
            Assert.True(expected == text, $"doc/policy.md is not what the tests say; write it anew with {Write}=1 dotnet test tests/matrix");
    }

    private static string Tables()
    {
        var text = new StringBuilder("\n\n| who | what they are |\n|---|---|\n");
        foreach (var persona in Personas.All)
            text.Append(CultureInfo.InvariantCulture, $"| {persona.Name} | {persona.Meaning} |\n");
        foreach (var (enforced, title) in new[] { (true, "New defaults (`enforce_new_defaults = true`)"), (false, "Old defaults beside the new ones (`enforce_new_defaults = false`)") })
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n| request | {string.Join(" | ", Personas.All.Select(persona => persona.Name))} |\n");
            text.Append("|---").Insert(text.Length, "|---", Personas.All.Count).Append("|\n");
            foreach (var permission in Permissions.All)
            {
                var cells = Enumerable.Range(0, Personas.All.Count).Select(persona => Cell(permission, persona, enforced));
                var note = permission.Note.Length == 0 ? "" : ", " + permission.Note;
                text.Append(CultureInfo.InvariantCulture, $"| `{permission.Route}`{note} | {string.Join(" | ", cells)} |\n");
            }
        }
        return text.ToString();
    }

    private static string Cell(Permission permission, int persona, bool enforced)
    {
        var status = permission.Expected(persona, enforced);
        return status == permission.Success ? $"**{status}**" : status.ToString(CultureInfo.InvariantCulture);
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(Path.Combine(folder, "Cyborg.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the repository is not here");
        return folder;
    }
}
