using System.Diagnostics;

namespace Cyborg.Bench;

/// <summary>The walk of an accelerator request: create, bind, list, delete.</summary>
internal static class Walks
{
    private const int Calls = 4;

    /// <summary>One walker beside the bare SQL and bus of a walk, and eight at once.</summary>
    public static async Task<IReadOnlyList<Row>> MeasureAsync(Bench bench, string label)
    {
        using var walker = new Walker(bench.Stage.ApiPort);
        await using var bare = await BareWalk.OpenAsync(bench.Stage.Database, Fleet.Provider(0, 1));
        var (ours, theirs) = (new List<double>(), new List<double>());
        var ratio = await bench.RepeatAsync(async () =>
        {
            ours.Add(await MillisecondsAsync(bench.Seconds, () => walker.WalkAsync(Fleet.Provider(0, 0))));
            theirs.Add(await MillisecondsAsync(bench.Seconds, bare.WalkAsync) + (Calls * await Bare.BusAsync(bench.Stage.BusUrl, 1000)));
            return ours[^1] / theirs[^1];
        });
        var rate = await bench.RepeatAsync(() => RateAsync(bench, connections: 8));
        return
        [
            new Row($"create + bind + list + delete{label}", "at most 2.0 x its bare SQL and bus", ratio, 2.0, AtLeast: false, $"{Figure.Of(ours)} ms; bare {Figure.Of(theirs)} ms"),
            new Row($"the same, 8 connections{label}", "at least 350 walks/s", rate, 350, AtLeast: true, $"{rate} walks/s"),
        ];
    }

    /// <summary>Binds of a hundred instances that come at once, beside one alone.</summary>
    public static async Task<Row> CrowdAsync(Bench bench)
    {
        const int Crowd = 100;
        using var walker = new Walker(bench.Stage.ApiPort);
        var (alone, crowded) = (new List<double>(), new List<double>());
        var ratio = await bench.RepeatAsync(async () =>
        {
            var ones = new List<double>();
            for (var n = 0; n < Crowd; n++)
                ones.Add(await BindAsync(walker, Fleet.Provider(n % 8, 0)));
            var all = await Task.WhenAll(Enumerable.Range(0, Crowd).Select(n => BindAsync(walker, Fleet.Provider(n % 8, n % 8))));
            alone.Add(Figure.Quantile(ones, 0.5));
            crowded.Add(Figure.Quantile([.. all], 0.99));
            return crowded[^1] / alone[^1];
        });
        return new Row("bind p99 with 100 instances at once", "under 10 x the p50 of one alone", ratio, 10, AtLeast: false, $"{Figure.Of(crowded)} ms; alone {Figure.Of(alone)} ms");
    }

    private static async Task<double> RateAsync(Bench bench, int connections)
    {
        var began = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, connections).Select(n => Task.Run(async () =>
        {
            using var walker = new Walker(bench.Stage.ApiPort);
            var count = 0;
            for (; Stopwatch.GetElapsedTime(began).TotalSeconds < bench.Seconds; count++)
                await walker.WalkAsync(Fleet.Provider(n, 0));
            return count;
        })));
        return counts.Sum() / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task<double> BindAsync(Walker walker, Guid provider)
    {
        var arq = await walker.CreateAsync();
        var began = Stopwatch.GetTimestamp();
        await walker.BindAsync(arq, provider, Guid.NewGuid());
        var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        await walker.DeleteAsync(arq);
        return took;
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
