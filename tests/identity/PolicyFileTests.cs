using System.Text;
using Cyborg.Identity.Policy;

namespace Cyborg.Identity.Tests;

/// <summary>Policy files: what is read, what is refused, who overrides whom.</summary>
public sealed class PolicyFileTests : IDisposable
{
    private static readonly Dictionary<string, string?> Nothing = [];
    private static readonly Credentials Member = new() { ProjectId = "p1", UserId = "u1", Roles = ["member"] };
    private readonly PolicyFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private bool Allows(string rule) => _folder.Load().Allows(rule, Nothing, Member);

    private string Refused()
    {
        var fault = Assert.Throws<PolicyLoadException>(_folder.Load);
        Assert.DoesNotContain('\n', fault.Message);
        return fault.Message;
    }

    [Fact]
    public void Without_files_the_defaults_count()
    {
        Assert.True(Allows("a"));
        Assert.False(Allows("b"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("# only a comment\n")]
    [InlineData("# a comment\n{}\n")]
    [InlineData("---\n")]
    [InlineData("null")]
    public void A_file_without_rules_changes_nothing(string text)
    {
        _folder.Write("policy.yaml", text);
        Assert.True(Allows("a"));
        Assert.False(Allows("b"));
    }

    [Theory]
    [InlineData("b: role:member", true)]
    [InlineData("b: \"role:member\"\n", true)]
    [InlineData("\uFEFFb: role:member", true)]
    [InlineData("{\"b\": \"role:member\", \"a\": \"!\"}", true)]
    [InlineData("{\n    \"b\": [[\"role:admin\"], [\"role:member\", \"project_id:p1\"]]\n}", true)]
    [InlineData("b:\n  - role:admin\n  - [role:member, \"project_id:p1\"]\n", true)]
    [InlineData("b:\n- [role:member, \"project_id:p2\"]", false)]
    [InlineData("b: ''", true)]
    [InlineData("b: []", true)]
    [InlineData("b: [[]]", false)]
    [InlineData("b: '@'", true)]
    [InlineData("b: '!'", false)]
    [InlineData("b: !!str role:member", true)]
    [InlineData("b: >-\n  role:admin or\n  role:member\n", true)]
    [InlineData("b: true", false)]
    [InlineData("b: 5", false)]
    public void A_rule_of_a_file_counts(string text, bool allows)
    {
        _folder.Write("policy.yaml", text);
        Assert.Equal(allows, Allows("b"));
    }

    [Theory]
    [InlineData("b: !", "quote texts")]
    [InlineData("b: @", "policy.yaml:1")]
    [InlineData("a: role:x\nb:\n", "policy.yaml:2: lacks a check")]
    [InlineData("b: ~", "lacks a check")]
    [InlineData("b: [null]", "lacks a check")]
    [InlineData("b: {x: y}", "something else than a text")]
    [InlineData("b: [[[role:x]]]", "something else than a text")]
    [InlineData("[a, b]", "not a map")]
    [InlineData("just text", "not a map")]
    [InlineData("a: b\n---\nc: d\n", "more than one document")]
    [InlineData("a: &x '@'\nb: *x\n", "anchor")]
    [InlineData("b: *x\n", "alias")]
    [InlineData("&x {a: '@'}", "anchor")]
    [InlineData("<<: {b: '@'}", "merges maps")]
    [InlineData("? [a]\n: '@'\n", "the name of a rule")]
    [InlineData("!x {b: '@'}", "tag")]
    [InlineData("b: !x ['@']", "tag")]
    [InlineData("b: 'unclosed", "policy.yaml:1")]
    [InlineData("{a: b", "policy.yaml")]
    public void What_is_no_policy_file_stops_the_start(string text, string why)
    {
        _folder.Write("policy.yaml", text);
        Assert.Contains(why, Refused());
    }

    [Fact]
    public void A_bomb_of_aliases_is_refused()
    {
        var text = new StringBuilder("a0: &a0 ['@', '@', '@', '@', '@', '@', '@', '@', '@']\n");
        for (var i = 1; i < 30; i++)
            text.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n");
        _folder.Write("policy.yaml", text.ToString());
        Assert.Contains("anchor", Refused());
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    public void Deep_nesting_is_refused(string opening)
    {
        _folder.Write("policy.yaml", "b: " + string.Concat(Enumerable.Repeat(opening, 100_000)));
        Refused();
    }

    [Fact]
    public void A_large_file_is_refused()
    {
        _folder.Write("policy.yaml", "# " + new string('x', PolicySource.MaxFileBytes));
        Assert.Contains("larger than", Refused());
    }

    [Fact]
    public void Files_that_are_large_together_are_refused()
    {
        var text = "# " + new string('x', PolicySource.MaxFileBytes - 2);
        for (var i = 0; i < PolicySource.MaxTotalBytes / PolicySource.MaxFileBytes; i++)
            _folder.Write($"policy.d/{i}.yaml", text);
        _folder.Load();
        _folder.Write("policy.yaml", "a: '!'");
        Assert.Contains("together", Refused());
    }

    [Fact]
    public void Too_many_rules_are_refused_in_one_file_and_in_all_together()
    {
        string Many(char prefix, int count) =>
            string.Join('\n', Enumerable.Range(0, count).Select(i => $"{prefix}{i}: '@'"));
        _folder.Write("policy.yaml", Many('x', PolicySource.MaxRules + 1));
        Assert.Contains("more than", Refused());
        _folder.Write("policy.yaml", Many('x', PolicySource.MaxRules));
        _folder.Load();
        _folder.Write("policy.d/more.yaml", "y: '@'");
        Assert.Contains("more.yaml: with it there are more than", Refused());
    }

    [Fact]
    public void Too_many_files_are_refused()
    {
        for (var i = 0; i <= PolicySource.MaxFiles; i++)
            _folder.Write($"policy.d/{i}.yaml", "");
        Assert.Contains("more than", Refused());
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        File.WriteAllBytes(_folder.Path("policy.yaml"), [(byte)'b', (byte)':', (byte)' ', 0xff, 0xfe, 0x80]);
        Assert.Contains("not UTF-8", Refused());
    }

    [Fact]
    public void Random_texts_are_read_or_refused_and_nothing_else()
    {
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        string[] parts = ["a", ": ", ":", "\n", "  ", "- ", "[", "]", "{", "}", ",", "'", "\"", "!", "@", "&x ",
            "*x", "|", ">", "#", "? ", "%", "---", "\t", "\u0000", "é", "\\", "<<", "~"];
        for (var round = 0; round < 5000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 25)).Select(_ => parts[random.Next(parts.Length)]));
            var fault = Record.Exception(() => PolicyFileReader.Read("f", new StringReader(text), []));
            Assert.True(fault is null or PolicyLoadException, $"seed {seed}: {text}: {fault}");
        }
    }

    [Fact]
    public void A_name_that_stands_twice_counts_last_and_is_told()
    {
        _folder.Write("policy.yaml", "b: '!'\nb: '@'\n");
        var enforcer = _folder.Load();
        Assert.True(enforcer.Allows("b", Nothing, Member));
        Assert.Contains(
            "policy.yaml:2: b: stands there twice",
            Assert.Single(enforcer.Problems, line => line.Contains("twice", StringComparison.Ordinal)));
    }

    [Fact]
    public void Files_of_folders_override_the_main_file_in_the_order_of_their_names()
    {
        _folder.Write("policy.yaml", "a: '!'\nb: '@'\nmine: '!'\n");
        _folder.Write("policy.d/20-late.yaml", "b: role:member\n");
        _folder.Write("policy.d/10-early.json", "{\"b\": \"!\", \"mine\": \"@\"}");
        Assert.False(Allows("a"));
        Assert.True(Allows("b"));
        Assert.True(Allows("c"));
    }

    [Fact]
    public void Hidden_files_and_folders_inside_do_not_count()
    {
        _folder.Write("policy.d/.hidden.yaml", "not: [yaml");
        _folder.Write("policy.d/inside/policy.yaml", "b: '@'");
        Assert.False(Allows("b"));
    }

    [Fact]
    public void Several_folders_count_in_their_order()
    {
        _folder.Write("one/z.yaml", "b: '@'");
        _folder.Write("two/a.yaml", "b: '!'");
        bool With(params string[] folders) => _folder.Load(_folder.Source with { Folders = folders }).Allows("b", Nothing, Member);
        Assert.False(With("one", "two"));
        Assert.True(With("two", "one"));
        Assert.True(With("nowhere", _folder.Path("one")));
    }

    [Fact]
    public void Names_are_looked_up_in_the_first_folder_that_has_them()
    {
        _folder.Write("etc/policy.yaml", "b: '@'");
        var source = new PolicySource { SearchFolders = [_folder.Path("home"), _folder.Path("etc")] };
        Assert.True(_folder.Load(source).Allows("b", Nothing, Member));
        _folder.Write("home/policy.yaml", "b: '!'");
        Assert.False(_folder.Load(source).Allows("b", Nothing, Member));
        Assert.True(_folder.Load(source with { File = _folder.Path("etc/policy.yaml") }).Allows("b", Nothing, Member));
    }

    [Fact]
    public void Another_default_rule_may_stand_for_unknown_ones()
    {
        _folder.Write("policy.yaml", "fallback: '@'");
        Assert.False(Allows("c"));
        Assert.True(_folder.Load(_folder.Source with { DefaultRule = "fallback" }).Allows("c", Nothing, Member));
    }

    [Fact]
    public void A_rule_of_a_file_that_nobody_registered_serves_others_and_cannot_be_asked()
    {
        _folder.Write("policy.yaml", "mine: role:member");
        Assert.True(Allows("c"));
        Assert.False(Allows("mine"));
    }

    [Fact]
    public void Unreadable_rules_references_to_nothing_and_cycles_are_told()
    {
        _folder.Write("policy.yaml", "a: role:member and\nb: rule:nowhere\nmine: rule:mine\n");
        var enforcer = _folder.Load();
        Assert.All(["a", "b", "c"], rule => Assert.False(enforcer.Allows(rule, Nothing, Member)));
        Assert.Contains(enforcer.Problems, line => line.StartsWith("a: ", StringComparison.Ordinal));
        Assert.Contains(enforcer.Problems, line => line.StartsWith("b: refers to the rule 'nowhere'", StringComparison.Ordinal));
        Assert.Contains(enforcer.Problems, line => line.StartsWith("mine: refers to itself", StringComparison.Ordinal));
        Assert.Equal(enforcer.Problems, _folder.Told);
    }

    [Fact]
    public void What_a_file_could_do_without_is_advised()
    {
        _folder.Write("policy.yaml", "a: role:member\nb: '@'\nmine: '@'\ntypo: '@'\ngone: '@'\n");
        PolicyRule[] rules = [.. PolicyFolder.Rules, PolicyAsk.Rule("gone", "!") with { ForRemovalSince = "Wallaby" }];
        using var enforcer = PolicyEnforcer.Load(rules, _folder.Source);
        Assert.Equal(
            ["a: is the same as the default; the file need not have it", "gone: is deprecated for removal since Wallaby",
                "typo: no such rule is known, and no other refers to it"],
            enforcer.Advice);
    }

    [Theory]
    [InlineData("", false, true)]
    [InlineData("", true, false)]
    [InlineData("new: role:admin", false, false)]
    [InlineData("old: '@'", true, true)]
    [InlineData("old: role:member", true, false)]
    [InlineData("old: role:member", false, true)]
    [InlineData("old: rule:new", true, false)]
    [InlineData("old: '@'\nnew: role:admin", false, false)]
    public void Old_defaults_count_as_in_upstream(string text, bool enforceNewDefaults, bool allows)
    {
        _folder.Write("policy.yaml", text);
        var rule = PolicyAsk.Rule("new", "role:admin") with { Deprecated = new DeprecatedRule("old", "role:member", "Wallaby") };
        using var enforcer = PolicyEnforcer.Load([rule], _folder.Source with { EnforceNewDefaults = enforceNewDefaults });
        Assert.Equal(allows, enforcer.Allows("new", Nothing, Member));
    }
}
