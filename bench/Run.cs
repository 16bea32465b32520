using System.Globalization;

namespace Cyborg.Bench;

/// <summary>What is measured, and how long.</summary>
/// <param name="Programs">Folder of the published programs.</param>
/// <param name="Page">Page that takes the figures; null for none.</param>
/// <param name="Rounds">How often each figure is taken.</param>
/// <param name="Seconds">How long one round of load lasts.</param>
/// <param name="Only">One group of measures; null for all.</param>
/// <param name="Devices">Size of the largest list.</param>
internal sealed record RunOptions(string Programs, string? Page, int Rounds, double Seconds, string? Only, int Devices);

/// <summary>Takes all figures, smallest cloud first: what is there only grows.</summary>
internal static class Run
{
    public static async Task AllAsync(RunOptions options)
    {
        await using var stage = await Stage.StartAsync(options.Programs);
        await using var fleet = await Fleet.ConnectAsync(stage.BusUrl, connections: 4);
        await using var echo = await stage.StartBareAsync("echo", stage.BusUrl);
        var bench = new Bench(stage, fleet, options.Rounds, options.Seconds);
        var rows = new List<Row>();
        if (Wanted("footprint"))
        {
            await AddAsync(Footprint.StartAsync(bench));
            await AddAsync(Footprint.MemoryAsync(bench));
        }
        await fleet.GrowAsync(1, cards: 8, handles: 16);
        using (var walker = new Walker(stage.ApiPort))
            await walker.MakeProfileAsync();
        if (Wanted("lists"))
        {
            for (var devices = 8; devices <= options.Devices; devices = devices < 800 ? 800 : devices * 10)
                await AddAsync(Lists.MeasureAsync(bench, devices));
        }
        if (Wanted("walks"))
            await WalkAsync();
        if (Wanted("requests"))
            await AddAsync(One(Requests.ListAsync(bench)));
        if (Wanted("reports"))
            await ReportAsync();
        Tell();

        bool Wanted(string group) => options.Only is null || options.Only == group;

        async Task AddAsync(Task<IReadOnlyList<Row>> measure)
        {
            foreach (var row in await measure)
            {
                rows.Add(row);
                await Console.Error.WriteLineAsync($"{(row.Holds ? "holds " : "MISSES")} {row.Work}: {row.Value} ({row.Target}); {row.Detail}");
            }
        }

        async Task WalkAsync()
        {
            await fleet.GrowAsync(Math.Max(0, 8 - fleet.Count), cards: 8, handles: 16);
            foreach (var arqs in new[] { 10, 1_000, 100_000 })
            {
                await Requests.FillAsync(stage.Database, arqs, project: "somebody-else");
                await AddAsync(Walks.MeasureAsync(bench, string.Create(CultureInfo.InvariantCulture, $", {arqs:N0} ARQs there")));
            }
            await Requests.EmptyAsync(stage.Database);
            await AddAsync(One(Walks.CrowdAsync(bench)));
        }

        async Task ReportAsync()
        {
            var few = await Reports.ChangedAsync(bench);
            await fleet.GrowAsync(Math.Max(0, 1000 - fleet.Count), cards: 8, handles: 16);
            await AddAsync(Reports.UnchangedAsync(bench));
            var many = await Reports.ChangedAsync(bench);
            await AddAsync(One(Task.FromResult(new Row(
                "changed report, one new device among 128,000 handles", "cost independent of the other hosts",
                Figure.Of([many.Milliseconds.Median / few.Milliseconds.Median]), 1.5, AtLeast: false,
                $"{many.Milliseconds} ms, {many.Statements.Median:F0} statements; with few hosts {few.Milliseconds} ms, {few.Statements.Median:F0}"))));
        }

        void Tell()
        {
            var figures = $"{Report.Machine()}; median of {options.Rounds} (lowest to highest).\n\n{Report.Table(rows)}";
            Console.WriteLine(figures);
            if (options.Page is { } page)
                Report.Write(page, figures);
        }
    }

    private static async Task<IReadOnlyList<Row>> One(Task<Row> row) => [await row];
}
