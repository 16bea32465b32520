using System.Globalization;

namespace Cyborg.Bench;

/// <summary>An unchanged list of devices, beside a bare endpoint with the same bytes, and beside the least that a fresh answer can cost: a question on the bus
/// and a look at one row.</summary>
internal static class Lists
{
    private const string Path = "/v2/devices";

    public static async Task<IReadOnlyList<Row>> MeasureAsync(Bench bench, int devices)
    {
        await bench.Fleet.GrowAsync((devices / 8) - bench.Fleet.Count, cards: 8, handles: 16);
        var request = RawHttp.Get(Path);
        var file = bench.Stage.File($"list-{devices}");
        await File.WriteAllBytesAsync(file, await RawHttp.BodyAsync(bench.Stage.ApiPort, request));
        var port = Ports.TakeFree();
        await using var bare = await bench.Stage.StartBareAsync("serve", port.ToString(CultureInfo.InvariantCulture), file);
        await bare.WaitAsync(() => Ports.AnswersAsync(port));
        return [await ThroughputAsync(bench, devices, port, request), await LatencyAsync(bench, devices, port, request)];
    }

    private static async Task<Row> ThroughputAsync(Bench bench, int devices, int bare, byte[] request)
    {
        const int Connections = 32;
        var (ours, theirs) = (new List<double>(), new List<double>());
        var ratio = await bench.RepeatAsync(async () =>
        {
            ours.Add(await RawHttp.ThroughputAsync(bench.Stage.ApiPort, request, Connections, bench.Seconds));
            theirs.Add(await RawHttp.ThroughputAsync(bare, request, Connections, bench.Seconds));
            return ours[^1] / theirs[^1];
        });
        return new Row($"GET of an unchanged list, {devices} devices, {Connections} connections", "at least 0.5 of a bare endpoint", ratio, 0.5, AtLeast: true,
            $"{Figure.Of(ours)} answers/s; bare {Figure.Of(theirs)}");
    }

    private static async Task<Row> LatencyAsync(Bench bench, int devices, int bare, byte[] request)
    {
        var (ours, sum) = (new List<double>(), new List<double>());
        var times = devices > 1000 ? 200 : 1000;
        var ratio = await bench.RepeatAsync(async () =>
        {
            ours.Add(await RawHttp.LatencyAsync(bench.Stage.ApiPort, request, times));
            sum.Add(await Bare.BusAsync(bench.Stage.BusUrl, 1000) + await Bare.SelectAsync(bench.Stage.Database, 1000) + await RawHttp.LatencyAsync(bare, request, times));
            return ours[^1] / sum[^1];
        });
        return new Row($"the same, {devices} devices, one connection", "at most 1.5 x bus + SELECT + bare endpoint", ratio, 1.5, AtLeast: false,
            $"{Figure.Of(ours)} ms; the sum {Figure.Of(sum)} ms");
    }
}
