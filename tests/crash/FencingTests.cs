namespace Cyborg.Crash.Tests;

/// <summary>Leases of real agents. A machine that stands still for ten seconds ends none, and an epoch that rose because one stood still for longer is no fault.</summary>
public sealed class FencingTests
{
    private const string Host = "FROM hosts WHERE name = 'host1'";
    private const double Lease = 20;

    private static readonly CloudPlan s_plan = new() { LeaseTimeout = Lease, Delay = 0 };
    private static readonly string[] s_logs = ["conductor-1", "agent-1"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_dead_agent_is_fenced_and_comes_back()
    {
        await using var cloud = await Cloud.CreateAsync(s_plan, RunFolders.New("fence"), null, Stop);
        await cloud.StartAsync(Stop);
        var before = await EpochAsync(cloud);

        await cloud.Agents[0].KillAsync();
        var after = await cloud.UntilAsync($"SELECT epoch::text {Host} AND fenced AND epoch > {before}", s_logs);

        await cloud.Agents[0].StartAsync();
        await cloud.UntilAsync($"SELECT 'x' {Host} AND NOT fenced AND epoch >= {after}", s_logs);
    }

    [Fact]
    public async Task An_outage_of_the_bus_fences_nobody()
    {
        await using var cloud = await Cloud.CreateAsync(s_plan, RunFolders.New("outage"), null, Stop);
        await cloud.StartAsync(Stop);
        var before = await EpochAsync(cloud);

        // Out for more than a lease: the lease runs out in the database, and nobody may conclude anything from it.
        await cloud.Servers.Bus.KillAsync();
        await cloud.UntilAsync($"SELECT 'x' {Host} AND seen_at < now() - interval '{Lease + 2} seconds'", s_logs);
        await cloud.Servers.Bus.StartAgainAsync(Stop);
        var back = await cloud.OneAsync("SELECT now()::text");
        await cloud.UntilAsync($"SELECT 'x' {Host} AND seen_at > '{back}'", s_logs);

        Assert.Equal($"{before} false", await cloud.OneAsync($"SELECT epoch || ' ' || fenced {Host}"));
    }

    [Fact]
    public async Task Of_two_agents_with_one_host_name_the_second_is_refused_until_the_first_is_gone()
    {
        await using var cloud = await Cloud.CreateAsync(s_plan, RunFolders.New("twins"), null, Stop);
        await cloud.StartAsync(Stop);
        var first = await cloud.UntilAsync($"SELECT agent_id::text {Host} AND agent_id IS NOT NULL", s_logs);

        await using var second = cloud.Agent("agent-twin", Cloud.Host(1), 0);
        await second.StartAsync();
        await cloud.UntilLogSaysAsync(second.Name, "may not speak for host host1");
        Assert.Equal(first, await cloud.OneAsync($"SELECT agent_id::text {Host}"));

        await cloud.Agents[0].KillAsync();
        await cloud.UntilAsync($"SELECT 'x' {Host} AND agent_id <> '{first}' AND NOT fenced", [.. s_logs, second.Name]);
    }

    private static Task<string> EpochAsync(Cloud cloud) => cloud.UntilAsync($"SELECT epoch::text {Host} AND NOT fenced AND seen_at IS NOT NULL", s_logs);
}
