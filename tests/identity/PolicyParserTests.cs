using Cyborg.Identity.Policy;

namespace Cyborg.Identity.Tests;

/// <summary>The grammar: what a text becomes, printed with all its parentheses.</summary>
public sealed class PolicyParserTests
{
    [Theory]
    [InlineData("", "@")]
    [InlineData("@", "@")]
    [InlineData("!", "!")]
    [InlineData("role:admin", "role:admin")]
    [InlineData("  role:admin\t", "role:admin")]
    [InlineData("a:1 and b:2", "(a:1 and b:2)")]
    [InlineData("a:1 or b:2 or c:3", "(a:1 or b:2 or c:3)")]
    [InlineData("a:1 or b:2 and c:3", "(a:1 or (b:2 and c:3))")]
    [InlineData("a:1 and b:2 or c:3", "((a:1 and b:2) or c:3)")]
    [InlineData("a:1 or b:2 and c:3 or d:4 and e:5", "(a:1 or (b:2 and c:3) or (d:4 and e:5))")]
    [InlineData("(a:1 or b:2) and c:3", "((a:1 or b:2) and c:3)")]
    [InlineData("not a:1 and b:2", "(not a:1 and b:2)")]
    [InlineData("not a:1 or b:2", "(not a:1 or b:2)")]
    [InlineData("not (a:1 or b:2)", "not (a:1 or b:2)")]
    [InlineData("not not a:1", "not not a:1")]
    [InlineData("a:1 and not b:2 or c:3", "((a:1 and not b:2) or c:3)")]
    [InlineData("A:1 AND b:2 Or NOT c:3", "((A:1 and b:2) or not c:3)")]
    [InlineData("((a:1))", "a:1")]
    [InlineData("( a:1 )", "a:1")]
    [InlineData("(a:%(x)s)", "a:%(x)s")]
    [InlineData("(a:%(x)s and b:%(y)s)", "(a:%(x)s and b:%(y)s)")]
    [InlineData("a:1\nor\tb:2\u00a0or\u001cc:3", "(a:1 or b:2 or c:3)")]
    [InlineData("a:b:c", "a:b:c")]
    [InlineData("rule:a:b", "rule:a:b")]
    [InlineData("role:%(r)s", "role:%(r)s")]
    [InlineData("'a':%(x)s", "'a':%(x)s")]
    [InlineData("True:%(x)s", "True:%(x)s")]
    [InlineData("user.id:%(target.id)s", "user.id:%(target.id)s")]
    [InlineData("a:%(x(y))s", "a:%(x(y))s")]
    [InlineData("a:100%%", "a:100%%")]
    [InlineData("a:", "a:")]
    [InlineData("android:1", "android:1")]
    [InlineData("a:%(x)d", "a:%(x)d")]
    [InlineData("a:%s", "a:%s")]
    [InlineData("role:%(x)-10s", "role:%(x)-10s")]
    [InlineData("[1]:x", "[1]:x")]
    [InlineData("my-key:x", "my-key:x")]
    public void Texts_become_trees(string text, string expected)
    {
        var parsed = PolicyParser.Parse(text);
        Assert.Empty(parsed.Problems);
        Assert.Equal(expected, parsed.Check.Print());
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("and")]
    [InlineData("not")]
    [InlineData("a:1 and")]
    [InlineData("or a:1")]
    [InlineData("a:1 b:2")]
    [InlineData("a:1 not b:2")]
    [InlineData("a:1 and or b:2")]
    [InlineData("(a:1")]
    [InlineData("a:1)")]
    [InlineData("a:%(x)")]
    [InlineData("()")]
    [InlineData(")(")]
    [InlineData("\"a:1\"")]
    [InlineData("'a:1'")]
    [InlineData("a:1 or 'x'")]
    [InlineData("'Member':'x'")]
    public void What_is_no_expression_denies_as_a_whole(string text)
    {
        var parsed = PolicyParser.Parse(text);
        Assert.IsType<UnclearCheck>(parsed.Check);
        Assert.Single(parsed.Problems);
    }

    [Theory]
    [InlineData("admin", typeof(UnclearCheck))]
    [InlineData("%(x)s", typeof(UnclearCheck))]
    [InlineData("a:%", typeof(PathCheck))]
    [InlineData("a:%(x", typeof(PathCheck))]
    [InlineData("a:%(x)s-%s", typeof(PathCheck))]
    [InlineData("role:%(x)z", typeof(RoleCheck))]
    [InlineData("'x':%z", typeof(LiteralCheck))]
    [InlineData("a+b:x", typeof(PathCheck))]
    [InlineData("a..b:x", typeof(RefusedCheck))]
    [InlineData("class:x", typeof(RefusedCheck))]
    [InlineData("a.class:x", typeof(RefusedCheck))]
    [InlineData("5x:x", typeof(RefusedCheck))]
    [InlineData("{1}:x", typeof(RefusedCheck))]
    [InlineData(":x", typeof(RefusedCheck))]
    [InlineData("'a:x", typeof(RefusedCheck))]
    [InlineData("007:x", typeof(RefusedCheck))]
    [InlineData("http:host", typeof(RefusedCheck))]
    [InlineData("https://", typeof(RefusedCheck))]
    [InlineData("http://host/%(x)z", typeof(RefusedCheck))]
    public void What_is_no_check_denies_and_is_told(string text, Type expected)
    {
        var parsed = PolicyParser.Parse(text);
        Assert.IsType(expected, parsed.Check);
        Assert.Contains(text, Assert.Single(parsed.Problems));
        Assert.Equal(text, parsed.Check.Print());
    }

    public static TheoryData<string[][], string> Lists => new()
    {
        { [], "@" },
        { [[]], "!" },
        { [[], []], "!" },
        { [["a:1"]], "a:1" },
        { [["a:1", "b:2"]], "(a:1 and b:2)" },
        { [["a:1"], ["b:2"]], "(a:1 or b:2)" },
        { [["a:1", "b:2"], [], ["c:3"]], "((a:1 and b:2) or c:3)" },
        { [["@"]], "@" },
        { [[], ["a:1"]], "a:1" },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public void Lists_of_lists_are_any_of_all(string[][] lists, string expected) =>
        Assert.Equal(expected, PolicyParser.ParseList(lists).Check.Print());

    [Fact]
    public void In_lists_words_are_no_operators()
    {
        var parsed = PolicyParser.ParseList([["not a:1"], ["x and y"], [""]]);
        Assert.Equal(3, parsed.Problems.Count);
    }

    [Theory]
    [InlineData(PolicyParser.MaxDepth, true)]
    [InlineData(PolicyParser.MaxDepth + 1, false)]
    [InlineData(30_000, false)]
    public void Nesting_is_bounded(int depth, bool isUnderstood)
    {
        foreach (var text in new[] { $"{new string('(', depth)}a:1{new string(')', depth)}", string.Concat(Enumerable.Repeat("not ", Math.Min(depth, 16_000))) + "a:1" })
            Assert.Equal(isUnderstood, PolicyParser.Parse(text).Problems.Count == 0);
    }

    [Fact]
    public void Length_is_bounded()
    {
        var parsed = PolicyParser.Parse("a:1 or " + new string('x', PolicyParser.MaxLength) + ":1");
        Assert.IsType<UnclearCheck>(parsed.Check);
        Assert.True(Assert.Single(parsed.Problems).Length < 300);
    }
}
