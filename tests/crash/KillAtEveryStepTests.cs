using System.Collections.Concurrent;
using Cyborg.Hosting.Faults;

namespace Cyborg.Crash.Tests;

/// <summary>Every moment at which a process has most to lose is tried: it dies there, comes back, and nothing is lost. A new fault point is tried
/// without a change here; one that nothing reaches fails. Those of attachments of API v1, which nobody makes here, are tried by the conductor's tests.</summary>
public sealed class KillAtEveryStepTests(ITestOutputHelper output)
{
    private const int Killed = 137, AtOnce = 4;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5), s_settle = TimeSpan.FromMinutes(2);

    // All others are the conductor's.
    private static readonly FaultPoint[] s_ofAgents =
    [
        FaultPoint.WorkJournaled, FaultPoint.HardwareDone, FaultPoint.OutcomeJournaled, FaultPoint.JournalWritten,
        FaultPoint.ProgramJournaled, FaultPoint.ImageFetched, FaultPoint.DeviceProgrammed, FaultPoint.ProgramOutcomeJournaled,
    ];

    [Fact]
    public async Task A_process_that_dies_at_any_fault_point_loses_nothing()
    {
        var stop = TestContext.Current.CancellationToken;
        var postgres = await PostgresFolder.CreateAsync(Path.Combine(RunFolders.New("steps"), "postgres.log"), stop);
        var failures = new ConcurrentQueue<string>();
        try
        {
            await Parallel.ForEachAsync(
                Enum.GetValues<FaultPoint>().Where(point => !FaultPoints.OfAttachments.Contains(point)), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop },
                async (point, _) =>
                {
                    foreach (var failure in await TryAsync(point, postgres, stop)) failures.Enqueue($"{point}: {failure}");
                });
        }
        finally
        {
            await postgres.RemoveAsync();
        }
        Assert.True(failures.IsEmpty, string.Join('\n', failures));
    }

    private async Task<IReadOnlyCollection<string>> TryAsync(FaultPoint point, PostgresFolder postgres, CancellationToken stop)
    {
        var logs = RunFolders.New($"step-{point}");
        using var history = new History(Path.Combine(logs, "history.jsonl"));
        await using var cloud = await Cloud.CreateAsync(new CloudPlan { Delay = 0.05 }, logs, postgres, stop);
        await using (var connection = await cloud.ConnectAsync(stop)) await Audit.BeginAsync(connection, stop);
        var victim = s_ofAgents.Contains(point) ? cloud.Agents[0] : cloud.Conductors[0];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(s_patience);
        try
        {
            foreach (var other in cloud.All.Where(part => part != victim)) await other.StartAsync();
            await victim.StartAsync((FaultPoints.Variable, point.ToString()));
            var death = DieAndComeBackAsync(victim, history);
            await WalkAsync(cloud, history, death, patience.Token);
            if (await death != Killed) history.Accuse(victim.Name, $"it ended with {await death}, not by SIGKILL");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            history.Accuse("test", $"not done after {s_patience.TotalSeconds} s, see {logs}{await cloud.TailAsync(victim.Name)}");
        }
        output.WriteLine($"{point}: {history.Now:F1} s");
        return history.Wrong;
    }

    private static async Task WalkAsync(Cloud cloud, History history, Task death, CancellationToken stop)
    {
        await cloud.WaitUntilServingAsync(stop);
        var walker = new Walker(1, 1, await CrashTests.PrepareAsync(cloud, stop), history, cloud.Nova);
        await walker.WalkOnceAsync(stop);
        await DiedAsync(death, history, stop);
        var judge = new Judge(cloud, history);
        foreach (var open in await judge.SettleAsync(s_settle, stop)) history.Accuse("settle", open);
        await judge.RunAsync([walker], stop);
    }

    /// <summary>Some points are reached by what goes on by itself after the last answer.</summary>
    private static async Task DiedAsync(Task death, History history, CancellationToken stop)
    {
        try
        {
            await death.WaitAsync(stop);
        }
        catch (OperationCanceledException) when (!death.IsCompleted)
        {
            history.Accuse("test", "it was never reached");
            throw;
        }
    }

    /// <summary>Waits for the process to die by itself, and starts it again as it should be.</summary>
    private static async Task<int> DieAndComeBackAsync(Part victim, History history)
    {
        var code = await victim.Process!.Exited;
        history.Note("died", victim.Name, $"{code}");
        await victim.StartAsync();
        return code;
    }
}
