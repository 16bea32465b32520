using Cyborg.Identity.Policy;

namespace Cyborg.Identity.Tests;

/// <summary>Files that change while the service runs.</summary>
public sealed class PolicyReloadTests : IDisposable
{
    private static readonly Dictionary<string, string?> Nothing = [];
    private static readonly Credentials Member = new() { ProjectId = "p1", UserId = "u1", Roles = ["member"] };
    private readonly PolicyFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private bool AllowsLater(PolicyEnforcer enforcer, string rule)
    {
        _folder.Time.Advance(1);
        return enforcer.Allows(rule, Nothing, Member);
    }

    [Fact]
    public void A_change_counts_within_a_second_and_not_before()
    {
        _folder.Write("policy.yaml", "b: '!'");
        var enforcer = _folder.Load();
        _folder.Write("policy.yaml", "b: '@'");
        _folder.Time.Advance(0.9);
        Assert.False(enforcer.Allows("b", Nothing, Member));
        _folder.Time.Advance(0.1);
        Assert.True(enforcer.Allows("b", Nothing, Member));
    }

    [Fact]
    public void A_reload_by_hand_counts_at_once_and_tells_if_there_was_a_change()
    {
        var enforcer = _folder.Load();
        Assert.False(enforcer.Reload());
        _folder.Write("policy.yaml", "b: '@'");
        Assert.True(enforcer.Reload());
        Assert.True(enforcer.Allows("b", Nothing, Member));
        Assert.False(enforcer.Reload());
        Assert.False(new PolicyEnforcer([], true).Reload());
    }

    [Fact]
    public void A_change_of_the_date_alone_or_of_the_size_alone_is_seen()
    {
        _folder.Write("policy.yaml", "b: '!'");
        var enforcer = _folder.Load();
        var date = File.GetLastWriteTimeUtc(_folder.Path("policy.yaml"));
        _folder.Write("policy.yaml", "b: '@'");
        Assert.True(AllowsLater(enforcer, "b"));
        _folder.Write("policy.yaml", "b: '@' ");
        File.SetLastWriteTimeUtc(_folder.Path("policy.yaml"), date);
        Assert.True(enforcer.Reload());
        File.WriteAllText(_folder.Path("policy.yaml"), "b:  '!' ");
        File.SetLastWriteTimeUtc(_folder.Path("policy.yaml"), date);
        Assert.False(AllowsLater(enforcer, "b"));
    }

    [Fact]
    public void A_broken_file_leaves_all_rules_as_they_were_and_is_told_once()
    {
        _folder.Write("policy.yaml", "b: '@'");
        _folder.Write("policy.d/x.yaml", "a: '!'");
        var enforcer = _folder.Load();
        Assert.False(enforcer.Allows("a", Nothing, Member));
        var before = enforcer.Problems;
        _folder.Told.Clear();
        _folder.Write("policy.d/x.yaml", "a: '@'");
        _folder.Write("policy.yaml", "b: ['");
        for (var i = 0; i < 5; i++)
        {
            Assert.True(AllowsLater(enforcer, "b"));
            Assert.False(enforcer.Allows("a", Nothing, Member));
        }
        var line = Assert.Single(_folder.Told);
        Assert.Contains("policy.yaml:1", line);
        Assert.EndsWith("the rules from before stay", line);
        Assert.Contains(line, enforcer.Problems);
        _folder.Write("policy.yaml", "b: '!'");
        Assert.False(AllowsLater(enforcer, "b"));
        Assert.True(enforcer.Allows("a", Nothing, Member));
        Assert.Equal(before, enforcer.Problems);
    }

    [Fact]
    public void A_fault_that_comes_back_is_told_again()
    {
        var enforcer = _folder.Load();
        _folder.Told.Clear();
        for (var i = 0; i < 2; i++)
        {
            _folder.Write("policy.yaml", "b: ['");
            AllowsLater(enforcer, "b");
            _folder.Write("policy.yaml", "mine: '!'");
            AllowsLater(enforcer, "b");
        }
        Assert.Equal(2, _folder.Told.Count(line => line.EndsWith("stay", StringComparison.Ordinal)));
    }

    [Fact]
    public void Too_many_files_leave_the_rules_and_the_fault_goes_with_them()
    {
        _folder.Write("policy.yaml", "b: '@'\nmine: '!'");
        var enforcer = _folder.Load();
        for (var i = 0; i <= PolicySource.MaxFiles; i++)
            _folder.Write($"policy.d/{i}.yaml", "b: '!'");
        Assert.True(AllowsLater(enforcer, "b"));
        Assert.Contains("more than", Assert.Single(enforcer.Problems));
        Directory.Delete(_folder.Path("policy.d"), recursive: true);
        Assert.True(AllowsLater(enforcer, "b"));
        Assert.Empty(enforcer.Problems);
    }

    [Fact]
    public void An_override_that_is_deleted_no_longer_counts()
    {
        _folder.Write("policy.yaml", "b: '!'");
        _folder.Write("policy.d/x.yaml", "b: '@'");
        var enforcer = _folder.Load();
        Assert.True(enforcer.Allows("b", Nothing, Member));
        _folder.Delete("policy.d/x.yaml");
        Assert.False(AllowsLater(enforcer, "b"));
        _folder.Write("policy.d/y.yaml", "b: '@'");
        Assert.True(AllowsLater(enforcer, "b"));
    }

    [Fact]
    public void A_main_file_may_come_and_go()
    {
        var enforcer = _folder.Load();
        _folder.Write("policy.yaml", "b: '@'");
        Assert.True(AllowsLater(enforcer, "b"));
        _folder.Told.Clear();
        _folder.Delete("policy.yaml");
        Assert.False(AllowsLater(enforcer, "b"));
        Assert.Contains(_folder.Told, line => line.Contains("is gone"));
    }

    [Fact]
    public void A_link_that_moves_is_a_change()
    {
        _folder.Write("..one/policy.yaml", "b: '!'");
        _folder.Write("..two/policy.yaml", "b: '@'");
        Directory.CreateSymbolicLink(_folder.Path("..data"), _folder.Path("..one"));
        File.CreateSymbolicLink(_folder.Path("policy.yaml"), _folder.Path("..data/policy.yaml"));
        var enforcer = _folder.Load();
        Assert.False(enforcer.Allows("b", Nothing, Member));
        Directory.Delete(_folder.Path("..data"));
        Directory.CreateSymbolicLink(_folder.Path("..data"), _folder.Path("..two"));
        Assert.True(AllowsLater(enforcer, "b"));
    }

    [Fact]
    public void A_link_to_nothing_is_a_fault_until_it_leads_somewhere()
    {
        _folder.Write("policy.yaml", "b: '@'");
        var enforcer = _folder.Load();
        Directory.CreateDirectory(_folder.Path("policy.d"));
        File.CreateSymbolicLink(_folder.Path("policy.d/x.yaml"), _folder.Path("nowhere"));
        Assert.True(AllowsLater(enforcer, "b"));
        Assert.Contains("x.yaml: cannot be read", enforcer.Problems[0]);
        Assert.Throws<PolicyLoadException>(_folder.Load);
        _folder.Write("nowhere", "b: '!'");
        Assert.False(AllowsLater(enforcer, "b"));
    }

    [Fact]
    public void A_file_that_may_not_be_read_is_tried_again_without_another_date()
    {
        _folder.Write("policy.yaml", "b: '!'");
        var path = _folder.Path("policy.yaml");
        var enforcer = _folder.Load();
        _folder.Write("policy.yaml", "b: '@'");
        File.SetUnixFileMode(path, UnixFileMode.None);
        if (Record.Exception(() => File.ReadAllText(path)) is null)
            Assert.Skip("root reads every file");
        Assert.False(AllowsLater(enforcer, "b"));
        Assert.Contains("cannot be read", enforcer.Problems[0]);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.True(AllowsLater(enforcer, "b"));
    }

    [Fact]
    public async Task Askers_see_whole_states_while_files_change()
    {
        // Whatever state of the file counts, exactly one of the two rules lets the member in.
        _folder.Write("policy.yaml", "b: '!'");
        var rules = PolicyAsk.Pairs("b", "!", "both", "rule:b and not rule:b", "either", "rule:b or not rule:b").ToArray();
        var enforcer = PolicyEnforcer.Load(rules, _folder.Source, time: _folder.Time);
        using var done = new CancellationTokenSource();
        var askers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            do
            {
                Assert.False(enforcer.Allows("both", Nothing, Member));
                Assert.True(enforcer.Allows("either", Nothing, Member));
            }
            while (!done.IsCancellationRequested);
        })).ToArray();
        for (var i = 0; i < 100; i++)
        {
            _folder.Write("policy.yaml", i % 2 == 0 ? "b: '@'" : "b: '!'");
            enforcer.Reload();
        }
        await done.CancelAsync();
        await Task.WhenAll(askers);
        Assert.False(enforcer.Allows("b", Nothing, Member));
    }
}
