using System.Globalization;

namespace Cyborg.Bench;

/// <summary>An unchanged list of devices, beside a bare endpoint with the same bytes, and beside the least that a fresh answer can cost: a question on the bus
/// and a look at one row.</summary>
internal static class Lists
{
    private const string Path = "/v2/devices";
    private const int Connections = 32;

    /// <summary>So long each of the two is asked before anything counts: the baseline is a new process each time.</summary>
    private const double WarmSeconds = 4;

    /// <summary>Up to here the targets hold.</summary>
    private const int LargestWithTarget = 8000;

    public static async Task<IReadOnlyList<Row>> MeasureAsync(Bench bench, int devices)
    {
        await bench.Fleet.GrowAsync((devices / 8) - bench.Fleet.Count, cards: 8, handles: 16);
        var request = RawHttp.Get(Path);
        var file = bench.Stage.File($"list-{devices}");
        await File.WriteAllBytesAsync(file, await RawHttp.BodyAsync(bench.Stage.ApiPort, request));
        var port = Ports.TakeFree();
        await using var bare = await bench.Stage.StartBareAsync("serve", port.ToString(CultureInfo.InvariantCulture), file);
        await bare.WaitAsync(() => Ports.AnswersAsync(port));
        foreach (var warmed in new[] { bench.Stage.ApiPort, port })
            await RawHttp.ThroughputAsync(warmed, request, Connections, WarmSeconds);
        var (throughput, latency) = (await ThroughputAsync(bench, devices, port, request), await LatencyAsync(bench, devices, port, request));
        return devices > LargestWithTarget
            ? [throughput, latency]
            : [throughput.Least(0.5, "at least 0.5 of a bare endpoint"), latency.Most(1.5, "at most 1.5 x bus + SELECT + bare endpoint")];
    }

    private static async Task<Row> ThroughputAsync(Bench bench, int devices, int bare, byte[] request)
    {
        var (ours, theirs) = (new List<double>(), new List<double>());
        var unit = string.Create(CultureInfo.InvariantCulture, $"a list of {devices:N0} devices, {Connections} connections");
        var ratio = await bench.RepeatAsync(async () =>
        {
            var pace = await bench.Costs.OfPaceAsync(unit, () => RawHttp.ThroughputAsync(bench.Stage.ApiPort, request, Connections, bench.Seconds));
            ours.Add(pace.PerSecond);
            theirs.Add((await RawHttp.ThroughputAsync(bare, request, Connections, bench.Seconds)).PerSecond);
            return ours[^1] / theirs[^1];
        });
        return new Row(string.Create(CultureInfo.InvariantCulture, $"GET of an unchanged list, {devices:N0} devices, {Connections} connections"),
            ratio, "x", $"{Figure.Of(ours.Skip(1))} answers/s; bare {Figure.Of(theirs.Skip(1))}");
    }

    private static async Task<Row> LatencyAsync(Bench bench, int devices, int bare, byte[] request)
    {
        var (ours, sum) = (new List<double>(), new List<double>());
        var times = devices > LargestWithTarget ? 30 : devices > 1000 ? 200 : 1000;
        var ratio = await bench.RepeatAsync(async () =>
        {
            ours.Add(await RawHttp.LatencyAsync(bench.Stage.ApiPort, request, times));
            sum.Add(await Bare.BusAsync(bench.Stage.BusUrl, 1000) + await Bare.SelectAsync(bench.Stage.Database, 1000) + await RawHttp.LatencyAsync(bare, request, times));
            return ours[^1] / sum[^1];
        });
        return new Row(string.Create(CultureInfo.InvariantCulture, $"the same, {devices:N0} devices, one connection"),
            ratio, "x", $"{Figure.Of(ours.Skip(1))} ms; the sum {Figure.Of(sum.Skip(1))} ms");
    }
}
