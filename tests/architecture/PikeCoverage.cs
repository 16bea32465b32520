using System.Text.RegularExpressions;

namespace Cyborg.Architecture.Tests;

/// <summary>doc/pike-coverage.md names tests; this looks whether they are there and run.</summary>
public sealed partial class PikeCoverage
{
    private static readonly string[] Proposals = ["agent", "api", "conductor", "driver"];

    private static readonly Lazy<ILookup<string, TestMethod>> Tests = new(() => Directory
        .EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories)
        .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal))
        .SelectMany(path => Methods(File.ReadAllText(path)))
        .ToLookup(method => method.Name));

    public static TheoryData<string> Rows => new(Table().Select(row => string.Join(" | ", row)));

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_promise_is_kept_somewhere_and_shown_by_tests_that_run(string row)
    {
        var cells = row.Split(" | ");
        Assert.Equal(4, cells.Length);
        Assert.Contains(cells[0], Proposals);
        Assert.All(cells, cell => Assert.NotEmpty(cell));
        foreach (var path in InTicks().Matches(cells[2]).Select(match => match.Groups[1].Value).Where(path => path.Contains('/', StringComparison.Ordinal)))
            Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), $"{path} is not there");
        foreach (var name in cells[3].Split(", "))
            Assert.Null(Fault(name));
    }

    [Fact]
    public void The_table_has_rows() => Assert.True(Table().Count >= 25);

    [Theory]
    [InlineData("PikeCoverage.The_table_has_rows", null)]
    [InlineData("PikeCoverage.There_is_no_such_test", "is no test")]
    [InlineData("PikeCoverage.Fault", "is no test")]
    [InlineData("Nobody.The_table_has_rows", "is no test")]
    [InlineData("The_table_has_rows", "is no Class.Method")]
    public void A_test_that_is_not_there_is_noticed(string name, string? says)
    {
        if (says is null)
            Assert.Null(Fault(name));
        else
            Assert.Contains(says, Fault(name), StringComparison.Ordinal);
    }

    [Fact]
    public void A_test_that_is_skipped_is_noticed()
    {
        const string source = """
            public class Sample
            {
                // A mark whose reason has a bracket in it must be read to its end.
                [Fact(Skip = "not today (perhaps)")]
                public void One() { }

                [Fact, Trait("a", "b")]
                public async Task Two() { }

                [Theory, EachDatabase]
                [InlineData("x]")]
                public void Three(string a) { }

                public void Four() { }

                [Fact]
                public void Five() => Assert.Skip("never");
            }
            """;
        Assert.Equal(
            ["Sample.One True", "Sample.Two False", "Sample.Three False", "Sample.Five True"], Methods(source).Select(method => $"{method.Name} {method.Skipped}"));
    }

    private static string? Fault(string name)
    {
        if (!TestName().IsMatch(name))
            return $"'{name}' is no Class.Method";
        var found = Tests.Value[name].ToList();
        return found.Count == 0 ? $"{name} is no test" : found.Any(method => method.Skipped) ? $"{name} is skipped" : null;
    }

    private static List<string[]> Table() =>
    [
        .. File.ReadAllLines(Path.Combine(Repository.Root, "doc", "pike-coverage.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| proposal |", StringComparison.Ordinal))
            .Select(line => line.Trim().Trim('|').Split(" | ").Select(cell => cell.Trim()).ToArray()),
    ];

    /// <summary>The test methods of a source, by the class that stands last before them, and whether they are skipped always.</summary>
    private static IEnumerable<TestMethod> Methods(string source)
    {
        var type = "";
        foreach (Match match in TypeOrTest().Matches(source))
        {
            if (match.Groups["type"].Success)
                type = match.Groups["type"].Value;
            else
                yield return new TestMethod($"{type}.{match.Groups["method"].Value}", SkippedByMark().IsMatch(match.Groups["marks"].Value) || match.Groups["skip"].Success);
        }
    }

    // A nested helper class would take the tests behind it; tests stand before them in this project. An unconditional Assert.Skip is the method's first word.
    [GeneratedRegex(
        """(?m)^\s*(?:(?:public|internal|private|protected|sealed|static|abstract|partial)\s+)*(?:class|record)\s+(?<type>\w+)|^\s*(?<marks>\[(?:Fact|Theory)\b(?:[^\]"]|"(?:[^"\\]|\\.)*")*\](?:\s*\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\])*)\s*public\s+(?:async\s+)?[\w<>]+\s+(?<method>\w+)\s*\([^)]*\)\s*(?<skip>(?:=>|\{)\s*Assert\.Skip\()?""",
        RegexOptions.CultureInvariant)]
    private static partial Regex TypeOrTest();

    [GeneratedRegex(@"\bSkip\s*=", RegexOptions.CultureInvariant)]
    private static partial Regex SkippedByMark();

    [GeneratedRegex(@"\A\w+\.\w+\z", RegexOptions.CultureInvariant)]
    private static partial Regex TestName();

    [GeneratedRegex("`([^`]+)`", RegexOptions.CultureInvariant)]
    private static partial Regex InTicks();

    private sealed record TestMethod(string Name, bool Skipped);
}
