using Cyborg.Conductor.Hosts;
using Cyborg.Hosting;
using Cyborg.Messaging.Contracts;
using Cyborg.Storage;

namespace Cyborg.Conductor.Tests;

/// <summary>The pure decisions about leases, fences and reports.</summary>
public sealed class LeaseRulesTests
{
    private static readonly AgentIdentity Holder = new(new Guid(1, 0, 0, new byte[8]), new Guid(2, 0, 0, new byte[8]), 5);
    private static readonly AgentIdentity Stranger = new(Guid.NewGuid(), Guid.NewGuid(), 99);

    private static HostLease Lease(bool live = true) =>
        new(1, "h", Holder.AgentId, Holder.BootId, Holder.BootNumber, live, Epoch: 3, Fenced: false, Checksum: "sum");

    [Fact]
    public void The_holder_goes_on() => Assert.Null(LeaseRules.Refusal(Lease(), Holder));

    [Fact]
    public void A_later_start_of_the_same_agent_takes_over_at_once() =>
        Assert.Null(LeaseRules.Refusal(Lease(), Holder with { BootId = Guid.NewGuid(), BootNumber = 6 }));

    [Fact]
    public void An_earlier_start_a_copy_and_a_stranger_are_refused_while_the_lease_lives()
    {
        Assert.Contains("another start", LeaseRules.Refusal(Lease(), Holder with { BootId = Guid.NewGuid(), BootNumber = 4 }), StringComparison.Ordinal);
        Assert.Contains("two agents run with one journal", LeaseRules.Refusal(Lease(), Holder with { BootId = Guid.NewGuid() }), StringComparison.Ordinal);
        Assert.Contains("held by another live agent", LeaseRules.Refusal(Lease(), Stranger), StringComparison.Ordinal);
    }

    [Fact]
    public void Anybody_is_let_in_when_the_lease_has_run_out()
    {
        Assert.Null(LeaseRules.Refusal(Lease(live: false), Stranger));
        Assert.Null(LeaseRules.Refusal(Lease(live: false), Holder with { BootId = Guid.NewGuid(), BootNumber = 1 }));
        Assert.Null(LeaseRules.Refusal(Lease() with { AgentId = null }, Stranger));
    }

    [Fact]
    public void Who_was_let_in_holds_the_lease_against_the_next()
    {
        var taken = LeaseRules.Taken(Lease(live: false), Stranger);
        Assert.Null(LeaseRules.Refusal(taken, Stranger));
        Assert.NotNull(LeaseRules.Refusal(taken, Holder));
    }

    [Theory]
    [InlineData("sum", 3, false, "sum", false)]
    [InlineData("sum", 3, false, "other", true)]
    [InlineData("sum", 3, false, null, true)]
    [InlineData(null, 3, false, null, true)]
    [InlineData(null, 3, false, "sum", true)]
    [InlineData("sum", 2, false, "sum", true)]
    [InlineData("sum", 3, true, "sum", true)]
    public void A_report_is_wanted_if_anything_differs(string? stored, long synced, bool fenced, string? own, bool wanted) =>
        Assert.Equal(wanted, LeaseRules.ReportWanted(Lease() with { Checksum = stored, Fenced = fenced }, new Heartbeat(Holder, own, synced)));

    [Fact]
    public void The_lease_must_outlast_three_signs_of_life()
    {
        static CyborgConfig Config(string text) => CyborgConfig.Parse([new("cyborg.conf", text)], ConductorOptions.All);
        Assert.Equal(TimeSpan.FromSeconds(60), ConductorOptions.From(CyborgConfig.Empty).LeaseTimeout);
        Assert.Equal(TimeSpan.FromSeconds(33), ConductorOptions.From(Config("[conductor]\nlease_timeout = 33")).LeaseTimeout);
        var fault = Assert.Throws<ConfigException>(() => ConductorOptions.From(Config("[agent]\nheartbeat_interval = 20\n[conductor]\nsave_interval = 0.5\nlease_timeout = 61")));
        Assert.StartsWith("cyborg.conf:5: [conductor] lease_timeout: 61 is too short: write at least 61.5", Assert.Single(fault.Faults), StringComparison.Ordinal);
    }
}

/// <summary>When a conductor may fence.</summary>
public sealed class HealthWatchTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private static DateTimeOffset Clock(double seconds) => DateTimeOffset.UnixEpoch.AddSeconds(seconds);

    private static HealthWatch Looks(HealthWatch health, int from, int to)
    {
        for (var second = from; second <= to; second++)
            health = health.Good(At(second), Clock(second));
        return health;
    }

    [Fact]
    public void Nothing_is_fenced_before_a_whole_lease_of_good_looks()
    {
        var health = Looks(new HealthWatch(Lease), 0, 59);
        Assert.False(health.MayFence(At(59), Lease));
        Assert.True(Looks(health, 60, 60).MayFence(At(60), Lease));
    }

    [Fact]
    public void A_failed_look_begins_it_anew()
    {
        var health = Looks(Looks(new HealthWatch(Lease), 0, 100).Bad(), 101, 160);
        Assert.False(health.MayFence(At(160), Lease));
        Assert.True(Looks(health, 161, 161).MayFence(At(161), Lease));
    }

    [Fact]
    public void A_conductor_that_stood_still_begins_anew()
    {
        var health = Looks(new HealthWatch(Lease), 0, 100);
        Assert.False(health.MayFence(At(121), Lease));
        Assert.True(Looks(health, 120, 120).MayFence(At(120), Lease));
        Assert.False(Looks(health, 121, 121).MayFence(At(121), Lease));
    }

    [Fact]
    public void A_step_of_the_databases_clock_begins_it_anew()
    {
        var health = Looks(new HealthWatch(Lease), 0, 100).Good(At(101), Clock(101 + 21));
        Assert.False(health.MayFence(At(101), Lease));
        Assert.False(Looks(new HealthWatch(Lease), 0, 100).Good(At(101), Clock(101 - 21)).MayFence(At(101), Lease));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(59.0)]
    public void The_bus_must_have_been_there_as_long(double? seconds) =>
        Assert.False(Looks(new HealthWatch(Lease), 0, 100).MayFence(At(100), seconds is { } some ? At(some) : null));
}
