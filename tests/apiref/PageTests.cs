using System.Net;

namespace Cyborg.ApiRef.Tests;

/// <summary>The reference as a page.</summary>
public sealed class PageTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "api-ref");

    [Fact]
    public void The_page_shows_every_operation_field_and_sample()
    {
        var reference = Reference.Load(Path.Combine(Folder, "openapi.yaml"));
        var page = new Page(reference, Path.Combine(Folder, "samples")).Render();
        foreach (var operation in reference.Operations)
        {
            Assert.Contains($"<section id=\"{operation.Id}\">", page, StringComparison.Ordinal);
            Assert.Contains($"href=\"#{operation.Id}\"", page, StringComparison.Ordinal);
            Assert.Contains($"<code>{operation.Path}</code>", page, StringComparison.Ordinal);
        }
        foreach (var schema in reference.Root["components"]!["schemas"]!.AsObject())
        {
            foreach (var property in schema.Value!["properties"]?.AsObject() ?? [])
                Assert.Contains(Html.Inline(property.Value!["description"]!.ToString()), page, StringComparison.Ordinal);
        }
        foreach (var sample in Directory.GetFiles(Path.Combine(Folder, "samples"), "*.json"))
            Assert.Contains(WebUtility.HtmlEncode(File.ReadAllText(sample).Trim()), page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_writes_the_page()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("cyborg-apiref-").FullName, "new", "index.html");
        Assert.Equal(0, ApiRefProgram.Main([Folder, path]));
        Assert.StartsWith("<!doctype html>", File.ReadAllText(path), StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(path))!, recursive: true);
    }

    [Fact]
    public void The_command_says_what_it_does_not_find() => Assert.Equal(1, ApiRefProgram.Main([Path.Combine(Folder, "nothing"), Path.GetTempFileName()]));

    [Fact]
    public void Text_cannot_become_markup() => Assert.Equal(
        "<code>&lt;b&gt;</code> &amp; <strong>so</strong>", Html.Inline("`<b>` & **so**"));
}
