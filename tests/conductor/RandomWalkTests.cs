using System.Diagnostics;
using System.Globalization;
using Cyborg.Model;
using Cyborg.TestServers;
using Cyborg.Walker;

namespace Cyborg.Conductor.Tests;

/// <summary>Ten thousand random operations for each database, from many tasks at once; on PostgreSQL from several processes too. The seed is
/// printed; <c>WALK_SEED</c> and <c>WALK_OPERATIONS</c> set others.</summary>
public sealed class RandomWalkTests(ITestOutputHelper output)
{
    private static readonly int Seed = Setting("WALK_SEED", Random.Shared.Next(1_000_000));
    private static readonly int Operations = Setting("WALK_OPERATIONS", 10_000);

    [Theory, EachDatabase]
    public async Task A_random_walk_of_many_threads_leaks_no_handle_and_breaks_no_rule(DatabaseKind kind)
    {
        output.WriteLine($"seed {Seed}");
        await using var database = await TestDatabase.CreateAsync(kind, cancellation: TestContext.Current.CancellationToken);
        var stop = TestContext.Current.CancellationToken;
        await WalkAudit.BeginAsync(database.Database, stop);

        var walk = new Walk(database.Url, Seed, Operations, Threads: 8);
        await walk.RunAsync(stop);

        foreach (var (outcome, count) in walk.Outcomes.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            output.WriteLine($"{outcome}: {count}");
        Assert.Equal(Operations, walk.Outcomes.Values.Sum());
        Assert.All(new[] { "bind", "unbind", "delete", "delete by instance", "create", "report", "enable", "disable" }, name => Assert.True(walk.Outcomes[$"{name} done"] > 20, name));
        await JudgeAsync(database, walk, stop);
    }

    [Fact]
    public async Task A_random_walk_of_several_processes_leaks_no_handle_and_breaks_no_rule()
    {
        const int processes = 3;
        output.WriteLine($"seed {Seed}");
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Postgres, cancellation: TestContext.Current.CancellationToken);
        var stop = TestContext.Current.CancellationToken;
        await WalkAudit.BeginAsync(database.Database, stop);

        var runs = Enumerable.Range(1, processes).Select(async number =>
        {
            var arguments = new[] { database.Url, $"{Seed + number}", $"{Operations / processes}", "8" };
            using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(Walk).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var (text, errors) = (process.StandardOutput.ReadToEndAsync(stop), process.StandardError.ReadToEndAsync(stop));
            await process.WaitForExitAsync(stop);
            output.WriteLine($"process {number}:\n{await text}{await errors}");
            return process.ExitCode;
        });
        Assert.All(await Task.WhenAll(runs), code => Assert.Equal(0, code));
        await JudgeAsync(database, new Walk(database.Url, Seed, 0, 1), stop);
    }

    private async Task JudgeAsync(TestDatabase database, Walk walk, CancellationToken stop)
    {
        var (changes, wrong) = await WalkAudit.JudgeAsync(database.Database, stop);
        output.WriteLine($"{changes} changes of state");
        Assert.Empty(wrong);
        Assert.True(changes > Operations / 10, $"only {changes} changes of state were seen");

        await walk.EndAsync(stop);
        (_, wrong) = await WalkAudit.JudgeAsync(database.Database, stop);
        Assert.Empty(wrong);
        Assert.Equal(new Dictionary<AttachHandleState, int> { [AttachHandleState.Free] = Walk.AllHandles }, await WalkAudit.HandlesAsync(database.Database, stop));
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
