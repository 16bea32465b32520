using Cyborg.Identity.Policy;

namespace Cyborg.Identity.Tests;

/// <summary>What stands behind the commands of operators: samples, callers in words, looks at files.</summary>
public sealed class PolicyCommandsTests : IDisposable
{
    private readonly PolicyFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static readonly PolicyRule[] Rules =
    [
        .. BaseRules.All,
        new("cyborg:thing:get", "rule:project_reader_or_admin", "Show a thing, however long the sentence that says so may be, in lines of a bounded width",
            [new("GET", "/v2/things"), new("GET", "/v2/things/{uuid}")])
        {
            Deprecated = new("cyborg:thing:get", "rule:admin_or_owner", "Wallaby"),
            ScopeTypes = ["project"],
        },
        PolicyAsk.Rule("cyborg:thing:quoted", "'a\"b':%(name)s or role:a and not role:b"),
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_sample_without_its_marks_changes_nothing(bool enforceNewDefaults)
    {
        var sample = PolicySample.Of(Rules, enforceNewDefaults);
        Assert.All(sample.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("#", line, StringComparison.Ordinal));
        var uncommented = string.Join('\n', sample.Split('\n').Select(line => line.StartsWith('#') ? line[1..] : line));
        var read = PolicyFileReader.Read("sample", new StringReader(uncommented), []);
        Assert.Equal(Rules.Select(rule => rule.Name), read.Keys);
        var without = PolicyRuleSet.Build(Rules, new Dictionary<string, PolicyRuleText>(), enforceNewDefaults);
        var with = PolicyRuleSet.Build(Rules, read, enforceNewDefaults);
        Assert.Empty(with.Problems);
        Assert.Empty(with.UnknownRules);
        Assert.All(Rules, rule => Assert.Equal(without.Find(rule.Name)!.Print(), with.Find(rule.Name)!.Print()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_sample_as_it_is_has_no_rule(bool enforceNewDefaults) =>
        Assert.Empty(PolicyFileReader.Read("sample", new StringReader(PolicySample.Of(Rules, enforceNewDefaults)), []));

    [Fact]
    public void A_sample_says_what_a_rule_guards()
    {
        var sample = PolicySample.Of(Rules, enforceNewDefaults: false);
        Assert.Contains("## GET  /v2/things/{uuid}\n## Scope of the token: project\n", sample, StringComparison.Ordinal);
        Assert.Contains("\n#\"cyborg:thing:get\": \"(rule:project_reader_or_admin or rule:admin_or_owner)\"\n", sample, StringComparison.Ordinal);
        Assert.All(sample.Split('\n').Where(line => line.StartsWith("##", StringComparison.Ordinal)), line => Assert.InRange(line.Length, 2, 140));
    }

    [Fact]
    public void A_caller_is_described_in_words()
    {
        var caller = PolicyPersona.Parse(["roles=reader|member,project=P,user=U", "role=x, service_roles=service,nova"]);
        Assert.Equal(["reader", "member", "x"], caller.Roles);
        Assert.Equal(["service", "nova"], caller.ServiceRoles);
        Assert.Equal(("P", "U"), (caller.ProjectId, caller.UserId));
        Assert.Equal(["admin", "member"], PolicyPersona.Parse(["roles=admin,member,project=P"]).Roles);
        Assert.Equal("all", PolicyPersona.Parse(["scope=system"]).SystemScope);
        Assert.Equal("d1", PolicyPersona.Parse(["scope=domain:d1"]).DomainId);
        Assert.Null(PolicyPersona.Parse(["project=p,scope=none"]).ProjectId);
        Assert.Empty(PolicyPersona.Parse([]).Roles);
        Assert.False(PolicyPersona.Parse(["admin_project=no"]).IsAdminProject);
        Assert.Null(PolicyPersona.Parse(["project="]).ProjectId);
    }

    [Theory]
    [InlineData("admin")]
    [InlineData("colour=red")]
    [InlineData("project=a,b")]
    [InlineData("scope=galaxy")]
    [InlineData("admin_project=maybe")]
    public void Other_words_are_refused(string text) => Assert.Throws<FormatException>(() => PolicyPersona.Parse([text]));

    [Theory]
    [InlineData("", 0)]
    [InlineData("cyborg:thing:get: role:reader\n", 0)]
    [InlineData("cyborg:thing:get: rule:mine\nmine: role:reader\n", 0)]
    [InlineData("cyborg:thing:get: ''\n", 0)]
    [InlineData("cyborg:thing:gett: role:reader\n", 1)]
    [InlineData("cyborg:thing:get: role\n", 1)]
    [InlineData("cyborg:thing:get: 'role:a and'\n", 1)]
    [InlineData("cyborg:thing:get: rule:nope\n", 1)]
    [InlineData("cyborg:thing:get: rule:a\na: rule:b\nb: rule:a\n", 2)]
    [InlineData("cyborg:thing:get: role:a\n  b: [\n", 1)]
    [InlineData("- a\n", 1)]
    [InlineData("a: &x [role:a]\nb: *x\n", 1)]
    [InlineData("a: !!python/object:x y\n", 1)]
    public void Faults_of_a_file_are_lines(string text, int faults)
    {
        _folder.Write("p.yaml", text);
        var found = PolicyValidation.OfFile(Rules, _folder.Source, _folder.Path("p.yaml"));
        Assert.Equal(faults, found.Faults.Count);
        Assert.All(found.Faults, line => Assert.DoesNotContain('\n', line));
    }

    [Fact]
    public void A_fault_of_yaml_says_its_line()
    {
        _folder.Write("p.yaml", "a: role:a\nb: [\nc: d\n");
        Assert.Contains("p.yaml:", Assert.Single(PolicyValidation.OfFile(Rules, _folder.Source, _folder.Path("p.yaml")).Faults), StringComparison.Ordinal);
        _folder.Write("q.yaml", "a: role:a\nb: *x\n");
        Assert.Contains("q.yaml:2: ", Assert.Single(PolicyValidation.OfFile(Rules, _folder.Source, _folder.Path("q.yaml")).Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_a_fault_and_no_file_at_all_is_none()
    {
        Assert.Single(PolicyValidation.OfFile(Rules, _folder.Source, _folder.Path("none.yaml")).Faults);
        Assert.Empty(PolicyValidation.Of(Rules, _folder.Source).Faults);
    }

    [Fact]
    public void What_a_file_could_do_without_is_no_fault()
    {
        _folder.Write("policy.yaml", "admin_api: role:admin\nallow: '@'\n");
        var found = PolicyValidation.Of(Rules, _folder.Source);
        Assert.Empty(found.Faults);
        Assert.Equal(3, found.Notes.Count);
    }
}
