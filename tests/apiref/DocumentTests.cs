using System.Text.RegularExpressions;
using Cyborg.Architecture.Tests;

namespace Cyborg.ApiRef.Tests;

/// <summary>The documents: what they refer to is there.</summary>
public sealed partial class DocumentTests
{
    public static TheoryData<string> Documents => [.. Directory.GetFiles(Path.Combine(Repository.Root, "doc"), "*.md")
        .Append(Path.Combine(Repository.Root, "README.md")).Append(Path.Combine(Repository.Root, "CONTRIBUTING.md"))
        .Select(path => Path.GetRelativePath(Repository.Root, path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_link_leads_somewhere(string document)
    {
        var path = Path.Combine(Repository.Root, document);
        var text = Fenced().Replace(File.ReadAllText(path), "");
        var broken = Link().Matches(text).Select(link => link.Groups[1].Value)
            .Where(target => !target.StartsWith("http", StringComparison.Ordinal) && !Leads(path, target));
        Assert.Empty(broken);
    }

    [Fact]
    public void Every_document_is_in_the_index()
    {
        var index = File.ReadAllText(Path.Combine(Repository.Root, "doc", "README.md"));
        var missing = Directory.GetFiles(Path.Combine(Repository.Root, "doc"), "*.md").Select(path => Path.GetFileName(path)!)
            .Where(name => name != "README.md" && !index.Contains($"]({name})", StringComparison.Ordinal));
        Assert.Empty(missing);
    }

    private static bool Leads(string document, string target)
    {
        var (file, anchor) = target.Split('#') is [var before, var after] ? (before, after) : (target, null);
        var path = file.Length == 0 ? document : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(document)!, file));
        if (!File.Exists(path))
            return Directory.Exists(path) && anchor is null;
        return anchor is null || Heading().Matches(File.ReadAllText(path)).Any(heading => Anchor(heading.Groups[1].Value) == anchor);
    }

    // As forges make them: lower case, dashes for blanks, no other signs.
    private static string Anchor(string heading) => NoAnchor().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fenced();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchor();
}
