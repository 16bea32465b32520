using System.Text.RegularExpressions;

namespace Cyborg.Drivers.Tests;

/// <summary>doc/drivers.md teaches with code that compiles and passes the conformance suites: each of its C# blocks stands in tests/drivers/Example.</summary>
public sealed partial class DocumentTests
{
    private static readonly string Root = Find(AppContext.BaseDirectory);

    [Fact]
    public void Every_block_of_the_document_stands_in_the_example()
    {
        var example = Lines(string.Concat(
            Directory.GetFiles(Path.Combine(Root, "tests/drivers/Example"), "*.cs").Order(StringComparer.Ordinal).Select(File.ReadAllText)));
        var blocks = Blocks().Matches(File.ReadAllText(Path.Combine(Root, "doc/drivers.md"))).Select(match => match.Groups[1].Value).ToList();
        Assert.InRange(blocks.Count, 5, 50);
        // Dots stand for lines that the document leaves out.
        Assert.All(
            blocks.SelectMany(block => block.Split("    // ...\n")).Select(Lines).Where(part => part.Length > 0),
            part => Assert.Contains(part, example, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_member_that_the_document_names_is_in_the_contract()
    {
        var contract = typeof(IAcceleratorDriver).Assembly;
        var names = contract.GetExportedTypes().Concat(typeof(Model.DriverDevice).Assembly.GetExportedTypes())
            .SelectMany(type => type.GetMembers().Select(member => member.Name).Append(type.Name)).ToHashSet();
        var used = Names().Matches(File.ReadAllText(Path.Combine(Root, "doc/drivers.md"))).Select(match => match.Groups[1].Value).Distinct();
        Assert.Subset(names, used.ToHashSet());
    }

    // Without indentation and blank lines: the document shows members of a class without the class.
    private static string Lines(string code) =>
        string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "Directory.Packages.props")) ? folder : Find(Path.GetDirectoryName(folder)!);

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();

    // `IUsageDriver`, `DiscoverAsync`: words in code quotes that look like names of the contract.
    [GeneratedRegex("`(I[A-Z][A-Za-z]+Driver|[A-Z][a-z]+[A-Za-z]*Async)`")]
    private static partial Regex Names();
}
