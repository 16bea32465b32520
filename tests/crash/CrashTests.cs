using System.Diagnostics;
using System.Globalization;

namespace Cyborg.Crash.Tests;

/// <summary>A whole cloud under load whose processes are killed all the time, the bus and the database among them. <c>CRASH_SECONDS</c> is how long (120
/// if not set), <c>CRASH_SEED</c> repeats the choices of an earlier run; the log of each run stays under <c>artifacts/crash/</c>.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Workers = 40;
    private const int LeastKills = 40, LeastInBinds = 10, LeastBeforeEvents = 5, LeastWalks = 300;
    private static readonly TimeSpan s_settle = TimeSpan.FromMinutes(2);

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    [Fact]
    public async Task Nothing_is_lost_leaked_or_done_twice_when_anything_is_killed()
    {
        var stop = TestContext.Current.CancellationToken;
        var seed = Setting("CRASH_SEED", Random.Shared.Next(1, 1_000_000));
        var seconds = Setting("CRASH_SECONDS", 120);
        var logs = RunFolders.New($"storm-{seed}");
        output.WriteLine($"seed {seed}, log {logs}");
        using var history = new History(Path.Combine(logs, "history.jsonl"));
        await using var cloud = await Cloud.CreateAsync(new CloudPlan { Apis = 2, Conductors = 2, Agents = 3, Handles = 64, Delay = 0.3 }, logs, null, stop);
        await using (var connection = await cloud.ConnectAsync(stop)) await Audit.BeginAsync(connection, stop);
        await cloud.StartAsync(stop);

        var plan = await PrepareAsync(cloud, stop);
        var killer = new Killer(cloud, history, seed, TimeSpan.FromSeconds(seconds / 55.0));
        List<Walker> walkers = [.. Enumerable.Range(0, Workers).Select(number => new Walker(number, seed, plan, history, cloud.Nova))];
        var storm = Stopwatch.StartNew();
        // A slow machine may take longer to do enough.
        var longest = seconds + 600;
        bool Enough() => killer.Kills >= LeastKills && killer.InBinds >= LeastInBinds && killer.BeforeEvents >= LeastBeforeEvents
            && Walks(history) >= LeastWalks;
        bool GoOn() => storm.Elapsed.TotalSeconds < seconds || (!Enough() && storm.Elapsed.TotalSeconds < longest);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var calm = false;
        var walking = walkers.Select(walker => Task.Run(() => walker.RunAsync(() => !calm, end.Token), CancellationToken.None)).ToList();
        await killer.RunAsync(GoOn, stop);
        Volatile.Write(ref calm, true);

        await cloud.WaitUntilServingAsync(stop);
        history.Note("calm", "judge", "");
        end.CancelAfter(s_settle);
        await Task.WhenAll(walking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        foreach (var (walker, task) in walkers.Zip(walking).Where(pair => !pair.Second.IsCompletedSuccessfully))
            history.Accuse("walker", $"still at '{walker.Step}' {s_settle.TotalSeconds} s after calm: {task.Exception?.GetBaseException()}");
        var judge = new Judge(cloud, history);
        foreach (var open in await judge.SettleAsync(s_settle, stop)) history.Accuse("settle", open);
        await judge.RunAsync(walkers, stop);
        Tell(history, killer);

        Assert.True(history.Wrong.Count == 0, $"seed {seed}, log {logs}:\n{string.Join('\n', history.Wrong.Take(50))}");
        Assert.True(killer.Kills >= LeastKills, $"only {killer.Kills} kills");
        Assert.True(killer.InBinds >= LeastInBinds, $"only {killer.InBinds} kills while an ARQ was in BindStarted");
        Assert.True(killer.BeforeEvents >= LeastBeforeEvents, $"only {killer.BeforeEvents} kills between commit and event");
        Assert.True(Walks(history) >= LeastWalks, $"only {Walks(history)} walks");
    }

    private static int Walks(History history) => history.Counts.GetValueOrDefault("walks");

    internal static async Task<WalkPlan> PrepareAsync(Cloud cloud, CancellationToken stop)
    {
        using var client = new ArqClient(cloud.Addresses, new Random(1));
        foreach (var (name, fpgas) in new[] { (CrashPlan.OneFpga, 1), (CrashPlan.TwoFpgas, 2) })
        {
            var answer = await client.CreateProfileAsync(name, fpgas, Cloud.Image, stop);
            Assert.True(answer.Outcome == Outcome.Done, answer.Text);
        }
        var providers = await client.ProvidersAsync(stop);
        var hosts = Enumerable.Range(1, cloud.Plan.Agents).Select(Cloud.Host);
        return new WalkPlan(cloud.Addresses, [.. hosts.Select(host => (host, providers[$"{host}_FakeDevice"]))]);
    }

    private void Tell(History history, Killer killer)
    {
        output.WriteLine(
            $"{killer.Kills} kills, {killer.InBinds} while an ARQ was in BindStarted, {killer.BeforeEvents} between commit and event, "
            + $"{history.Now:F0} s");
        foreach (var (what, count) in history.Counts.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            output.WriteLine($"  {what}: {count}");
    }
}
