using System.Globalization;

namespace Cyborg.Crash.Tests;

/// <summary>Leases of real agents.</summary>
public sealed class FencingTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    // As short as the rule allows: three times heartbeat_interval and save_interval together.
    private static readonly CloudPlan s_plan = new() { LeaseTimeout = 4.5, Delay = 0 };

    [Fact]
    public async Task A_dead_agent_is_fenced_and_comes_back()
    {
        await using var cloud = await Cloud.CreateAsync(s_plan, RunFolders.New("fence"), null, TestContext.Current.CancellationToken);
        await cloud.StartAsync(TestContext.Current.CancellationToken);
        await UntilAsync(cloud, "SELECT 'x' FROM hosts WHERE name = 'host1' AND NOT fenced AND epoch = 0 AND seen_at IS NOT NULL");

        await cloud.Agents[0].KillAsync();
        await UntilAsync(cloud, "SELECT 'x' FROM hosts WHERE name = 'host1' AND fenced AND epoch = 1");

        await cloud.Agents[0].StartAsync();
        await UntilAsync(cloud, "SELECT 'x' FROM hosts WHERE name = 'host1' AND NOT fenced AND epoch = 1");
    }

    [Fact]
    public async Task An_outage_of_the_bus_fences_nobody()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var cloud = await Cloud.CreateAsync(s_plan, RunFolders.New("outage"), null, stop);
        await cloud.StartAsync(stop);
        await UntilAsync(cloud, "SELECT 'x' FROM hosts WHERE name = 'host1' AND seen_at IS NOT NULL");

        // Out for more than a lease: the lease runs out in the database, and nobody may conclude anything from it.
        await cloud.Servers.Bus.KillAsync();
        await UntilAsync(cloud, "SELECT 'x' FROM hosts WHERE name = 'host1' AND seen_at < now() - interval '7 seconds'");
        await cloud.Servers.Bus.StartAgainAsync(stop);
        await UntilAsync(cloud, "SELECT 'x' FROM hosts WHERE name = 'host1' AND seen_at > now() - interval '2 seconds'");

        await UntilAsync(cloud, "SELECT 'x' FROM hosts WHERE name = 'host1' AND NOT fenced AND epoch = 0");
    }

    [Fact]
    public async Task Of_two_agents_with_one_host_name_the_second_is_refused_until_the_first_is_gone()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var cloud = await Cloud.CreateAsync(s_plan, RunFolders.New("twins"), null, stop);
        await cloud.StartAsync(stop);
        var first = await UntilAsync(cloud, "SELECT agent_id::text FROM hosts WHERE name = 'host1' AND agent_id IS NOT NULL");

        await using var second = cloud.Agent("agent-twin", Cloud.Host(1), 0);
        await second.StartAsync();
        var log = Path.Combine(cloud.Folder, "agent-twin.log");
        await UntilAsync(async () => (await File.ReadAllTextAsync(log, stop)).Contains("may not speak for host host1", StringComparison.Ordinal) ? "" : null);
        Assert.Equal(first, await UntilAsync(cloud, "SELECT agent_id::text FROM hosts WHERE name = 'host1'"));

        await cloud.Agents[0].KillAsync();
        await UntilAsync(cloud, string.Create(CultureInfo.InvariantCulture, $"SELECT 'x' FROM hosts WHERE name = 'host1' AND agent_id <> '{first}' AND NOT fenced"));
    }

    private static Task<string> UntilAsync(Cloud cloud, string sql) => UntilAsync(async () =>
    {
        await using var connection = await cloud.ConnectAsync(TestContext.Current.CancellationToken);
        return (await connection.TextsAsync(sql, TestContext.Current.CancellationToken)).FirstOrDefault();
    }, sql);

    private static async Task<string> UntilAsync(Func<Task<string?>> look, string what = "")
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(s_patience);
        while (true)
        {
            if (await look() is { } found) return found;
            Assert.False(patience.IsCancellationRequested, $"not within {s_patience.TotalSeconds} s: {what}");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }
}
