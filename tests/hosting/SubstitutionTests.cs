namespace Cyborg.Hosting.Tests;

public sealed class SubstitutionTests
{
    private static readonly Option<string> Value = Options.String("s", "value", "", "The value that refers.");
    private static readonly Option<string> Path = Options.String("DEFAULT", "state_path", "/lib", "A path.");
    private static readonly Option<string> File = Options.String("t", "file", "sqlite:///$state_path/x.sqlite", "A default that refers.");
    private static readonly Option<int> Count = Options.Integer("s", "count", 5, "A count.");
    private static readonly Option<int> Copy = Options.Integer("s", "copy", 1, "A number that refers.");
    private static readonly Option<string?> Nothing = Options.OptionalString("s", "nothing", "No value.");
    private static readonly Option<IReadOnlyList<string>> List = Options.List("s", "list", ["a", "b,c"], "A list.");
    private static readonly Option<bool> Flag = Options.Boolean("t", "flag", true, "A flag.");
    private static readonly Option[] Known = [Value, Path, File, Count, Copy, Nothing, List, Flag];

    private static CyborgConfig Parse(string text) => CyborgConfig.Parse([new("f", text)], Known);

    [Theory]
    [InlineData("$state_path/a", "/lib/a")]
    [InlineData("${state_path}a", "/liba")]
    [InlineData("$DEFAULT.state_path", "/lib")]
    [InlineData("${DEFAULT.state_path}/x", "/lib/x")]
    [InlineData("$count", "5")]
    [InlineData("$s.count", "5")]
    [InlineData("$t.flag", "true")]
    [InlineData("$list", "a,\"b,c\"")]
    [InlineData("[$nothing]", "[]")]
    [InlineData("$t.file", "sqlite:////lib/x.sqlite")]
    [InlineData("$$state_path", "$state_path")]
    [InlineData("\\$state_path", "$state_path")]
    [InlineData("a$", "a$")]
    [InlineData("$ x", "$ x")]
    [InlineData("$1", "$1")]
    [InlineData("${", "${")]
    [InlineData("${state_path", "${state_path")]
    [InlineData("${}", "${}")]
    [InlineData("$-$", "$-$")]
    public void References_are_replaced(string text, string expected) => Assert.Equal(expected, Parse($"[s]\nvalue = x{text}").Get(Value)[1..]);

    [Fact]
    public void A_name_is_looked_for_in_its_own_section_first() =>
        Assert.Equal("own", Parse("[DEFAULT]\nstate_path = far\n[s]\nstate_path = own\nvalue = $state_path").Get(Value));

    [Fact]
    public void A_number_may_refer() => Assert.Equal(9, Parse("[s]\ncount = 9\ncopy = $count").Get(Copy));

    [Fact]
    public void References_of_references_are_replaced() =>
        Assert.Equal("1/b/c", Parse("[s]\na = 1\nb = $a/b\nvalue = $b/c").Get(Value));

    [Fact]
    public void A_value_set_in_code_is_seen_as_it_is()
    {
        var config = Parse("[s]\nvalue = $state_path").With(Path, "/a$b");
        Assert.Equal("/a$b", config.Get(Value));
        Assert.Equal("sqlite:////a$b/x.sqlite", config.Get(File));
    }
}
