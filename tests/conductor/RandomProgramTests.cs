using System.Collections.Concurrent;
using System.Globalization;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Conductor.Tests;

/// <summary>Many clients at once bind with one image, another, or none, and give back, while operators program: logic never changes under a guest. The seed
/// is printed; <c>PROGRAM_SEED</c> sets another.</summary>
public sealed class RandomProgramTests(ITestOutputHelper output)
{
    private const int Workers = 6, Steps = 40;

    // Whoever only looks leaves the processors to those who work.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    private static readonly Guid[] s_images = [Guid.NewGuid(), Guid.NewGuid()];

    [Theory, EachDatabase]
    public async Task Logic_never_changes_under_a_guest(DatabaseKind kind)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("PROGRAM_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next(1_000_000);
        output.WriteLine($"seed {seed}");
        await using var stage = await ProgramStage.StartAsync(kind);
        var (wrong, outcomes) = (new ConcurrentQueue<string>(), new ConcurrentDictionary<string, int>());
        var dice = new Random(seed);
        stage.OnProgram = async work =>
        {
            if (await AttachedAsync(stage) is > 0 and var guests)
                wrong.Enqueue($"generation {work.Generation} was ordered under {guests} guests");
            lock (dice)
            {
                if (dice.Next(8) == 0)
                    throw new FaultException(dice.Next(2) == 0 ? FaultCode.Unavailable : FaultCode.DriverFailed, "by the dice");
            }
            return new ProgramResult(work.Wish.Image!.Value, null);
        };

        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var rounds = Task.Run(() => RunRoundsAsync(stage, end.Token), CancellationToken.None);
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(
            () => WorkAsync(stage, new Random(seed * 100 + worker), outcomes, wrong), TestContext.Current.CancellationToken)));
        await end.CancelAsync();
        await rounds;

        foreach (var (outcome, count) in outcomes.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            output.WriteLine($"{outcome}: {count}");
        Assert.True(wrong.IsEmpty, $"seed {seed}:\n{string.Join('\n', wrong)}");
        Assert.True(outcomes.GetValueOrDefault("bound with its image") > 5, "hardly anything was bound");
        Assert.All(await stage.HandlesAsync(), handle => Assert.Equal(AttachHandleState.Free, handle.State));
    }

    private static async Task RunRoundsAsync(ProgramStage stage, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await stage.RoundAsync();
            await stage.DueAsync();
            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    private static async Task WorkAsync(ProgramStage stage, Random random, ConcurrentDictionary<string, int> outcomes, ConcurrentQueue<string> wrong)
    {
        void Count(string outcome) => outcomes.AddOrUpdate(outcome, 1, (_, count) => count + 1);
        for (var step = 0; step < Steps; step++)
        {
            var wish = random.Next(3) is var n and < 2 ? s_images[n] : (Guid?)null;
            if (random.Next(10) == 0)
            {
                Count(await TryAsync(() => stage.ProgramAsync(wish ?? s_images[0], Guid.NewGuid())) is { } refused ? $"program {refused}" : "programmed");
                continue;
            }
            var arq = wish is { } image ? await stage.CreateAsync("accel:bitstream_id", image.ToString()) : (await stage.Conductor.CreateAsync())[0];
            if (await TryAsync(() => stage.Conductor.BindAsync([arq], "card")) is { } fault)
                Count($"bind {fault}");
            else
                Count(await WatchAsync(stage, arq, wish, random.Next(4) > 0, wrong));
            await stage.Conductor.CallAsync(Verbs.DeleteArqs, new DeleteArqs(TestConductor.Scope("p1"), [arq], true));
        }
    }

    /// <summary>Waits for a bind's end, or gives it up before; a guest looks twice at its logic.</summary>
    private static async Task<string> WatchAsync(ProgramStage stage, Guid arq, Guid? wish, bool patient, ConcurrentQueue<string> wrong)
    {
        for (var look = 0; look < (patient ? 2000 : 1); look++)
        {
            if ((await stage.Conductor.ShowAsync(arq)).State == ArqState.Bound)
            {
                var (first, second) = ((await stage.RowAsync()).BitstreamId, (await stage.RowAsync()).BitstreamId);
                if (first != second || (wish is { } image && first != image.ToString()))
                    wrong.Enqueue($"{arq} wants {wish} and runs {first}, then {second}");
                return wish is null ? "bound" : "bound with its image";
            }
            if (await stage.HasFailedAsync(arq))
                return "failed";
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
        return "given up";
    }

    private static async Task<FaultCode?> TryAsync(Func<Task> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (FaultException fault) when (fault.Code
            is FaultCode.Conflict or FaultCode.NoFreeAttachHandle or FaultCode.DriverFailed or FaultCode.Unavailable or FaultCode.DeadlineExceeded)
        {
            return fault.Code;
        }
    }

    private static Task<int> AttachedAsync(ProgramStage stage) => stage.Conductor.Database.ReadAsync(
        session => session.AttachHandles.CountAsync(row => row.State == AttachHandleState.Held && row.Job == null && row.JobFailure == null),
        TestContext.Current.CancellationToken);
}
