using Cyborg.Identity.Policy;
using Microsoft.AspNetCore.Http;

namespace Cyborg.Identity.Tests;

/// <summary>What policy remembers of callers about their own project.</summary>
public sealed class KnownDecisionTests : IDisposable
{
    private readonly PolicyFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Credentials Member => new() { ProjectId = "p1", UserId = "u1", Roles = ["member"] };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_a_rule_said_is_known_of_this_caller_and_of_no_other()
    {
        using var enforcer = _folder.Load();
        var (caller, equal) = (Member, Member);
        Assert.Null(enforcer.KnowsOwn("a", caller));
        Assert.True(await enforcer.AllowsOwnAsync("a", caller, Cancel));
        Assert.False(await enforcer.AllowsOwnAsync("b", caller, Cancel));
        Assert.Equal((true, false, null), (enforcer.KnowsOwn("a", caller), enforcer.KnowsOwn("b", caller), enforcer.KnowsOwn("c", caller)));
        Assert.Null(enforcer.KnowsOwn("a", equal));
        // One that was made from it is another, too.
        Assert.Null(enforcer.KnowsOwn("a", caller with { Roles = [] }));
        Assert.False(await enforcer.AllowsOwnAsync("a", caller with { Roles = [] }, Cancel));
    }

    [Fact]
    public async Task Nothing_is_known_any_more_once_the_rules_have_changed()
    {
        _folder.Write("policy.yaml", "b: '!'");
        using var enforcer = _folder.Load();
        var caller = Member;
        Assert.False(await enforcer.AllowsOwnAsync("b", caller, Cancel));
        _folder.Write("policy.yaml", "b: '@'");
        _folder.Time.Advance(0.9);
        Assert.False(enforcer.KnowsOwn("b", caller));
        _folder.Time.Advance(0.1);
        Assert.Null(enforcer.KnowsOwn("b", caller));
        Assert.True(await enforcer.AllowsOwnAsync("b", caller, Cancel));
        Assert.True(enforcer.KnowsOwn("b", caller));
        _folder.Write("policy.yaml", "b: '!'");
        Assert.True(enforcer.Reload());
        Assert.Null(enforcer.KnowsOwn("b", caller));
        Assert.False(await enforcer.AllowsOwnAsync("b", caller, Cancel));
    }

    [Fact]
    public async Task Rules_that_cannot_be_used_leave_what_is_known()
    {
        _folder.Write("policy.yaml", "b: '@'");
        using var enforcer = _folder.Load();
        var caller = Member;
        Assert.True(await enforcer.AllowsOwnAsync("b", caller, Cancel));
        _folder.Write("policy.yaml", "b: [");
        Assert.False(enforcer.Reload());
        Assert.True(enforcer.KnowsOwn("b", caller));
    }

    [Fact]
    public async Task A_rule_that_nobody_registered_denies_and_is_not_remembered()
    {
        using var enforcer = _folder.Load();
        var caller = Member;
        Assert.False(await enforcer.AllowsOwnAsync("unheard of", caller, Cancel));
        Assert.Null(enforcer.KnowsOwn("unheard of", caller));
    }

    [Fact]
    public async Task The_caller_s_own_project_and_user_are_the_target()
    {
        using var enforcer = new PolicyEnforcer(PolicyAsk.Pairs("own", "project_id:%(project_id)s and user_id:%(user_id)s", "other", "project_id:%(domain_id)s"), true);
        Assert.True(await enforcer.AllowsOwnAsync("own", Member, Cancel));
        Assert.False(await enforcer.AllowsOwnAsync("other", Member, Cancel));
        Assert.False(await enforcer.AllowsOwnAsync("own", Member with { ProjectId = null }, Cancel));
    }

    [Fact]
    public async Task What_a_server_said_is_asked_again_each_time()
    {
        var answer = "True";
        await using var server = await PolicyServer.StartAsync(http => http.Response.WriteAsync(answer, Cancel), null, Cancel);
        _folder.Write("policy.yaml", $"b: 'http:{server.Host}/'");
        using var enforcer = _folder.Load();
        var caller = Member;
        Assert.True(await enforcer.AllowsOwnAsync("b", caller, Cancel));
        Assert.Null(enforcer.KnowsOwn("b", caller));
        answer = "False";
        Assert.False(await enforcer.AllowsOwnAsync("b", caller, Cancel));
        Assert.Equal(2, server.Seen.Count);
    }
}
