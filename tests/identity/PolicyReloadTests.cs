using Cyborg.Identity.Policy;

namespace Cyborg.Identity.Tests;

/// <summary>Files that change while the service runs.</summary>
public sealed class PolicyReloadTests : IDisposable
{
    private static readonly Dictionary<string, string?> Nothing = [];
    private static readonly Credentials Member = new() { ProjectId = "p1", UserId = "u1", Roles = ["member"] };
    private readonly PolicyFolder folder = new();

    public void Dispose() => folder.Dispose();

    private bool AllowsLater(PolicyEnforcer enforcer, string rule)
    {
        folder.Time.Advance(1);
        return enforcer.Allows(rule, Nothing, Member);
    }

    [Fact]
    public void A_change_counts_within_a_second_and_not_before()
    {
        folder.Write("policy.yaml", "b: '!'");
        var enforcer = folder.Load();
        folder.Write("policy.yaml", "b: '@'");
        folder.Time.Advance(0.9);
        Assert.False(enforcer.Allows("b", Nothing, Member));
        folder.Time.Advance(0.1);
        Assert.True(enforcer.Allows("b", Nothing, Member));
    }

    [Fact]
    public void A_reload_by_hand_counts_at_once_and_tells_if_there_was_a_change()
    {
        var enforcer = folder.Load();
        Assert.False(enforcer.Reload());
        folder.Write("policy.yaml", "b: '@'");
        Assert.True(enforcer.Reload());
        Assert.True(enforcer.Allows("b", Nothing, Member));
        Assert.False(enforcer.Reload());
        Assert.False(new PolicyEnforcer([], true).Reload());
    }

    [Fact]
    public void A_change_of_the_date_alone_or_of_the_size_alone_is_seen()
    {
        folder.Write("policy.yaml", "b: '!'");
        var enforcer = folder.Load();
        var date = File.GetLastWriteTimeUtc(folder.Path("policy.yaml"));
        folder.Write("policy.yaml", "b: '@'");
        Assert.True(AllowsLater(enforcer, "b"));
        folder.Write("policy.yaml", "b: '@' ");
        File.SetLastWriteTimeUtc(folder.Path("policy.yaml"), date);
        Assert.True(enforcer.Reload());
        File.WriteAllText(folder.Path("policy.yaml"), "b:  '!' ");
        File.SetLastWriteTimeUtc(folder.Path("policy.yaml"), date);
        Assert.False(AllowsLater(enforcer, "b"));
    }

    [Fact]
    public void A_broken_file_leaves_all_rules_as_they_were_and_is_told_once()
    {
        folder.Write("policy.yaml", "b: '@'");
        folder.Write("policy.d/x.yaml", "a: '!'");
        var enforcer = folder.Load();
        Assert.False(enforcer.Allows("a", Nothing, Member));
        var before = enforcer.Problems;
        folder.Told.Clear();
        folder.Write("policy.d/x.yaml", "a: '@'");
        folder.Write("policy.yaml", "b: ['");
        for (var i = 0; i < 5; i++)
        {
            Assert.True(AllowsLater(enforcer, "b"));
            Assert.False(enforcer.Allows("a", Nothing, Member));
        }
        var line = Assert.Single(folder.Told);
        Assert.Contains("policy.yaml:1", line);
        Assert.EndsWith("the rules from before stay", line);
        Assert.Contains(line, enforcer.Problems);
        folder.Write("policy.yaml", "b: '!'");
        Assert.False(AllowsLater(enforcer, "b"));
        Assert.True(enforcer.Allows("a", Nothing, Member));
        Assert.Equal(before, enforcer.Problems);
    }

    [Fact]
    public void A_fault_that_comes_back_is_told_again()
    {
        var enforcer = folder.Load();
        folder.Told.Clear();
        for (var i = 0; i < 2; i++)
        {
            folder.Write("policy.yaml", "b: ['");
            AllowsLater(enforcer, "b");
            folder.Write("policy.yaml", "mine: '!'");
            AllowsLater(enforcer, "b");
        }
        Assert.Equal(2, folder.Told.Count(line => line.EndsWith("stay", StringComparison.Ordinal)));
    }

    [Fact]
    public void Too_many_files_leave_the_rules_and_the_fault_goes_with_them()
    {
        folder.Write("policy.yaml", "b: '@'\nmine: '!'");
        var enforcer = folder.Load();
        for (var i = 0; i <= PolicySource.MaxFiles; i++)
            folder.Write($"policy.d/{i}.yaml", "b: '!'");
        Assert.True(AllowsLater(enforcer, "b"));
        Assert.Contains("more than", Assert.Single(enforcer.Problems));
        Directory.Delete(folder.Path("policy.d"), recursive: true);
        Assert.True(AllowsLater(enforcer, "b"));
        Assert.Empty(enforcer.Problems);
    }

    [Fact]
    public void An_override_that_is_deleted_no_longer_counts()
    {
        folder.Write("policy.yaml", "b: '!'");
        folder.Write("policy.d/x.yaml", "b: '@'");
        var enforcer = folder.Load();
        Assert.True(enforcer.Allows("b", Nothing, Member));
        folder.Delete("policy.d/x.yaml");
        Assert.False(AllowsLater(enforcer, "b"));
        folder.Write("policy.d/y.yaml", "b: '@'");
        Assert.True(AllowsLater(enforcer, "b"));
    }

    [Fact]
    public void A_main_file_may_come_and_go()
    {
        var enforcer = folder.Load();
        folder.Write("policy.yaml", "b: '@'");
        Assert.True(AllowsLater(enforcer, "b"));
        folder.Told.Clear();
        folder.Delete("policy.yaml");
        Assert.False(AllowsLater(enforcer, "b"));
        Assert.Contains(folder.Told, line => line.Contains("is gone"));
    }

    [Fact]
    public void A_link_that_moves_is_a_change()
    {
        folder.Write("..one/policy.yaml", "b: '!'");
        folder.Write("..two/policy.yaml", "b: '@'");
        Directory.CreateSymbolicLink(folder.Path("..data"), folder.Path("..one"));
        File.CreateSymbolicLink(folder.Path("policy.yaml"), folder.Path("..data/policy.yaml"));
        var enforcer = folder.Load();
        Assert.False(enforcer.Allows("b", Nothing, Member));
        Directory.Delete(folder.Path("..data"));
        Directory.CreateSymbolicLink(folder.Path("..data"), folder.Path("..two"));
        Assert.True(AllowsLater(enforcer, "b"));
    }

    [Fact]
    public void A_link_to_nothing_is_a_fault_until_it_leads_somewhere()
    {
        folder.Write("policy.yaml", "b: '@'");
        var enforcer = folder.Load();
        Directory.CreateDirectory(folder.Path("policy.d"));
        File.CreateSymbolicLink(folder.Path("policy.d/x.yaml"), folder.Path("nowhere"));
        Assert.True(AllowsLater(enforcer, "b"));
        Assert.Contains("x.yaml: cannot be read", enforcer.Problems[0]);
        Assert.Throws<PolicyLoadException>(folder.Load);
        folder.Write("nowhere", "b: '!'");
        Assert.False(AllowsLater(enforcer, "b"));
    }

    [Fact]
    public void A_file_that_may_not_be_read_is_tried_again_without_another_date()
    {
        folder.Write("policy.yaml", "b: '!'");
        var path = folder.Path("policy.yaml");
        var enforcer = folder.Load();
        folder.Write("policy.yaml", "b: '@'");
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
        folder.Write("policy.yaml", "b: '!'");
        var rules = PolicyAsk.Pairs("b", "!", "both", "rule:b and not rule:b", "either", "rule:b or not rule:b").ToArray();
        var enforcer = PolicyEnforcer.Load(rules, folder.Source, time: folder.Time);
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
            folder.Write("policy.yaml", i % 2 == 0 ? "b: '@'" : "b: '!'");
            enforcer.Reload();
        }
        await done.CancelAsync();
        await Task.WhenAll(askers);
        Assert.False(enforcer.Allows("b", Nothing, Member));
    }
}
