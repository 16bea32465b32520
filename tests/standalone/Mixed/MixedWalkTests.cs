using System.Collections.Concurrent;
using System.Globalization;
using Cyborg.TestServers;

namespace Cyborg.Standalone.Tests;

/// <summary>A random walk that mixes both versions of the API on one host: attachments of version 1 to the host and to servers, boots of version 2, deletes of
/// either from either side, states, accelerators that come and go. Several workers at once, against the whole service with a Placement and a Nova; it is judged by what
/// each worker knows, and from time to time by everything there is. The seed is printed; <c>MIXED_WALK_SEED</c> and <c>MIXED_WALK_STEPS</c> set
/// others.</summary>
public sealed class MixedWalkTests(ITestOutputHelper output)
{
    private const int Workers = 4;
    private const int Rounds = 3;

    private static readonly int s_seed = Setting("MIXED_WALK_SEED", Random.Shared.Next(1_000_000));
    private static readonly int s_steps = Setting("MIXED_WALK_STEPS", 300);

    [Theory]
    [InlineData(DatabaseKind.Sqlite, 1, false)]
    [InlineData(DatabaseKind.Postgres, 2, false)]
    [InlineData(DatabaseKind.Postgres, 2, true)]
    public async Task A_walk_through_both_versions_never_contradicts_itself(DatabaseKind kind, int conductors, bool hostWork)
    {
        output.WriteLine($"seed {s_seed}");
        var stop = TestContext.Current.CancellationToken;
        await using var cloud = await MixedCloud.StartAsync(kind, conductors, hostWork, stop);
        var (registry, outcomes) = (new HandleRegistry(), new ConcurrentDictionary<string, int>());
        MixedWorker[] workers = [.. Enumerable.Range(1, Workers).Select(number => new MixedWorker(cloud, registry, outcomes, s_seed, number))];
        var judge = new MixedJudge(cloud, workers);
        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                await Task.WhenAll(workers.Select(worker => Task.Run(() => worker.WalkAsync(s_steps / Workers / Rounds), stop)));
                await AssertRightAsync();
            }
            await Task.WhenAll(workers.Select(worker => Task.Run(worker.EndAsync, stop)));
            await AssertRightAsync();
            Assert.Equal(0, registry.Count);
        }
        catch (Exception error)
        {
            // What ends the cloud may fail, too, and would be all that is seen.
            output.WriteLine($"{error}");
            throw;
        }
        finally
        {
            foreach (var (outcome, count) in outcomes.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                output.WriteLine($"{outcome}: {count}");
        }
        Assert.All(new[] { "attach: 200", "detach: 204", "boot: 202" }, name => Assert.True(outcomes.GetValueOrDefault(name) > s_steps / 100, name));

        async Task AssertRightAsync()
        {
            List<string> wrong = [.. registry.Wrong, .. await judge.JudgeAsync(stop)];
            foreach (var line in wrong)
                output.WriteLine(line);
            Assert.Empty(wrong);
        }
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
