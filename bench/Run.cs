using System.Diagnostics;
using System.Globalization;

namespace Cyborg.Bench;

/// <summary>What is measured, and how long.</summary>
/// <param name="Programs">Folder of the published programs.</param>
/// <param name="Page">Page that takes the figures; null for none.</param>
/// <param name="Rounds">How often each figure is taken.</param>
/// <param name="Seconds">How long one round of load lasts.</param>
/// <param name="Only">Groups of measures with commas between; null for all.</param>
/// <param name="Devices">Size of the largest cloud.</param>
internal sealed record RunOptions(string Programs, string? Page, int Rounds, double Seconds, string? Only, int Devices);

/// <summary>Takes all figures, smallest cloud first: what is there only grows.</summary>
internal sealed class Run
{
    /// <summary>The largest size that has targets; what is beyond is growth.</summary>
    private const int Plain = 8000;

    private readonly RunOptions _options;
    private readonly Stage _stage;
    private readonly Fleet _fleet;
    private readonly Bench _bench;
    private readonly List<Row> _rows = [];
    private bool _isWarm;

    private Run(RunOptions options, Stage stage, Fleet fleet)
    {
        (_options, _stage, _fleet) = (options, stage, fleet);
        _bench = new Bench(stage, fleet, options.Rounds, options.Seconds);
    }

    public static async Task AllAsync(RunOptions options)
    {
        var began = Stopwatch.GetTimestamp();
        await using var stage = await Stage.StartAsync(options.Programs);
        await using var fleet = await Fleet.ConnectAsync(stage.BusUrl, connections: 4);
        await using var echo = await stage.StartBareAsync("echo", stage.BusUrl);
        var run = new Run(options, stage, fleet);
        await run.GroupsAsync();
        run.Tell(Stopwatch.GetElapsedTime(began));
    }

    private async Task GroupsAsync()
    {
        if (IsWanted("footprint"))
        {
            Add(await Footprint.StartAsync(_bench));
            Add(await Footprint.MemoryAsync(_bench));
        }
        await _fleet.GrowAsync(1, cards: 8, handles: 16);
        using (var walker = await Walker.ConnectAsync(_stage.ApiPort))
            await walker.MakeProfileAsync();
        var few = IsWanted("reports") ? await Reports.ChangedAsync(_bench, host: 0) : default;
        if (IsWanted("lists"))
        {
            for (var devices = 8; devices <= Math.Min(_options.Devices, Plain); devices = devices < 800 ? 800 : devices * 10)
                Add(await Lists.MeasureAsync(_bench, devices));
        }
        if (IsWanted("walks"))
            await WalkAsync();
        if (IsWanted("requests"))
            Add(await Requests.ListAsync(_bench));
        if (IsWanted("reports"))
            await ReportAsync(few);
        if (IsWanted("growth") && _options.Devices > Plain)
            await GrowAsync();
    }

    private bool IsWanted(string group) => _options.Only is null || _options.Only.Split(',').Contains(group);

    private void Add(params IEnumerable<Row> rows)
    {
        foreach (var row in rows)
        {
            _rows.Add(row);
            Console.Error.WriteLine(Report.Line(row));
        }
    }

    private async Task WalkAsync()
    {
        await WarmAsync();
        foreach (var arqs in new[] { 10, 1_000, 100_000 })
        {
            await Requests.FillAsync(_stage.Database, arqs, project: "somebody-else");
            Add(await Walks.MeasureAsync(_bench, string.Create(CultureInfo.InvariantCulture, $", {arqs:N0} ARQs there")));
        }
        await Requests.EmptyAsync(_stage.Database);
        Add(await Walks.CrowdAsync(_bench));
    }

    /// <summary>Hosts to walk on, and programs that have compiled what walks use often.</summary>
    private async Task WarmAsync()
    {
        await _fleet.GrowAsync(8 - _fleet.Count, cards: 8, handles: 16);
        if (!_isWarm)
            await Walks.WarmAsync(_bench);
        _isWarm = true;
    }

    private async Task ReportAsync((Figure Milliseconds, double Statements) few)
    {
        await _fleet.GrowAsync((Plain / 8) - _fleet.Count, cards: 8, handles: 16);
        Add(await Reports.UnchangedAsync(_bench));
        Add(Changed(few, await Reports.ChangedAsync(_bench, host: 0), "128,000").Most(1.5, "cost independent of the other hosts"));
    }

    /// <summary>The same figures where nothing is promised.</summary>
    private async Task GrowAsync()
    {
        var few = await Reports.ChangedAsync(_bench, host: 0);
        var handles = string.Create(CultureInfo.InvariantCulture, $"{_options.Devices * 16:N0}");
        Add(await Reports.GrowAsync(_bench, _options.Devices / 8));
        Add(Changed(few, await Reports.ChangedAsync(_bench, host: 0), handles));
        Add(await Reports.UnchangedAsync(_bench with { Rounds = 1 }));
        Add(await Lists.MeasureAsync(_bench, _options.Devices));
        await WarmAsync();
        Add((await Walks.MeasureAsync(_bench, string.Create(CultureInfo.InvariantCulture, $", {_options.Devices:N0} devices there")))
            .Select(row => row with { Target = null }));
        Add(Footprint.AfterAll(_bench, _options.Devices));
    }

    private static Row Changed((Figure Milliseconds, double Statements) few, (Figure Milliseconds, double Statements) many, string handles) =>
        new($"changed report, one new device among {handles} handles", Figure.Of([many.Milliseconds.Median / few.Milliseconds.Median]), "x",
            string.Create(CultureInfo.InvariantCulture, $"{many.Milliseconds} ms, {many.Statements:F0} statements; with few hosts {few.Milliseconds} ms, {few.Statements:F0}"));

    private void Tell(TimeSpan took)
    {
        var figures = string.Create(
            CultureInfo.InvariantCulture,
            $"{Report.Machine()}; median of {_options.Rounds} (lowest to highest), {took.TotalMinutes:F0} minutes in all.\n\n{Report.Table(_rows)}{_bench.Costs.Table()}");
        foreach (var line in _bench.Costs.Lines())
            Console.Error.WriteLine(line);
        Console.WriteLine(figures);
        if (_options.Page is { } page)
            Report.Write(page, figures);
    }
}
