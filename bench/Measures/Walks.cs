using System.Diagnostics;

namespace Cyborg.Bench;

/// <summary>The walk of an accelerator request: create, bind, list, delete.</summary>
internal static class Walks
{
    private const int Calls = 4;
    private const int Connections = 8;

    /// <summary>So long walks are walked before any of them counts: the programs compile what is used often anew.</summary>
    private const double WarmSeconds = 10;

    /// <summary>Warms the programs up.</summary>
    public static Task WarmAsync(Bench bench) => RateAsync(bench, WarmSeconds);

    /// <summary>One walker beside the bare SQL and bus of a walk, and eight at once.</summary>
    public static async Task<IReadOnlyList<Row>> MeasureAsync(Bench bench, string label)
    {
        using var walker = await Walker.ConnectAsync(bench.Stage.ApiPort);
        await using var bare = await BareWalk.OpenAsync(bench.Stage.Database, Fleet.Provider(0, 1));
        var (ours, theirs) = (new List<double>(), new List<double>());
        var ratio = await bench.RepeatAsync(async () =>
        {
            ours.Add(await MillisecondsAsync(bench.Seconds, () => walker.WalkAsync(Fleet.Provider(0, 0))));
            theirs.Add(await MillisecondsAsync(bench.Seconds, bare.WalkAsync) + (Calls * await Bare.BusAsync(bench.Stage.BusUrl, 1000)));
            return ours[^1] / theirs[^1];
        });
        var rate = await bench.RepeatAsync(async () =>
            (await bench.Costs.OfPaceAsync($"a walk{label}, {Connections} connections", () => RateAsync(bench, bench.Seconds))).PerSecond);
        return
        [
            new Row($"create + bind + list + delete{label}", ratio, "x", $"{Figure.Of(ours.Skip(1))} ms; bare {Figure.Of(theirs.Skip(1))} ms")
                .Most(2.0, "at most 2.0 x its bare SQL and bus"),
            new Row($"the same, {Connections} connections{label}", rate, "walks/s").Least(350, "at least 350 walks/s"),
        ];
    }

    /// <summary>Binds of a hundred instances that come at once, beside one alone. What is to be bound is there before, and is deleted after.</summary>
    public static async Task<Row> CrowdAsync(Bench bench)
    {
        const int Crowd = 100;
        var walkers = await Task.WhenAll(Enumerable.Range(0, Crowd).Select(_ => Walker.ConnectAsync(bench.Stage.ApiPort)));
        var (alone, crowded) = (new List<double>(), new List<double>());
        var ratio = await bench.RepeatAsync(async () =>
        {
            var ones = new List<double>();
            var arqs = await CreateAsync();
            for (var n = 0; n < Crowd; n++)
                ones.Add(await BindAsync(walkers[0], arqs[n], Fleet.Provider(n % 8, n % 8)));
            await DeleteAsync(arqs);
            arqs = await CreateAsync();
            var all = await bench.Costs.OfAsync($"a bind, {Crowd} at once", async () =>
                (await Task.WhenAll(arqs.Select((arq, n) => Task.Run(() => BindAsync(walkers[n], arq, Fleet.Provider(n % 8, n % 8))))), Crowd));
            await DeleteAsync(arqs);
            alone.Add(Figure.Quantile(ones, 0.5));
            crowded.Add(Figure.Quantile([.. all], 0.99));
            return crowded[^1] / alone[^1];
        });
        foreach (var walker in walkers)
            walker.Dispose();
        return new Row($"bind p99 with {Crowd} instances at once", ratio, "x", $"{Figure.Of(crowded.Skip(1))} ms; alone {Figure.Of(alone.Skip(1))} ms")
            .Most(10, "under 10 x the p50 of one alone");

        async Task<List<Guid>> CreateAsync()
        {
            var arqs = new List<Guid>();
            for (var n = 0; n < Crowd; n++)
                arqs.Add(await walkers[0].CreateAsync());
            return arqs;
        }

        async Task DeleteAsync(List<Guid> arqs)
        {
            foreach (var arq in arqs)
                await walkers[0].DeleteAsync(arq);
        }
    }

    private static async Task<Pace> RateAsync(Bench bench, double seconds)
    {
        var walkers = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Walker.ConnectAsync(bench.Stage.ApiPort)));
        var began = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(walkers.Select((walker, n) => Task.Run(async () =>
        {
            var count = 0;
            for (; Stopwatch.GetElapsedTime(began).TotalSeconds < seconds; count++)
                await walker.WalkAsync(Fleet.Provider(n, 0));
            walker.Dispose();
            return count;
        })));
        return new Pace(counts.Sum(), Stopwatch.GetElapsedTime(began).TotalSeconds);
    }

    private static async Task<double> BindAsync(Walker walker, Guid arq, Guid provider)
    {
        var began = Stopwatch.GetTimestamp();
        await walker.BindAsync(arq, provider, Guid.NewGuid());
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private static async Task<double> MillisecondsAsync(double seconds, Func<Task> walk)
    {
        var (began, count) = (Stopwatch.GetTimestamp(), 0);
        do
        {
            await walk();
            count++;
        }
        while (Stopwatch.GetElapsedTime(began).TotalSeconds < seconds);
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds / count;
    }
}
