using System.Diagnostics;
using System.Globalization;

namespace Cyborg.Bench;

/// <summary>What a fleet of hosts costs: while nothing changes, when one host finds a card, and when all come at once.</summary>
internal static class Reports
{
    // As [conductor] save_interval and [agent] heartbeat_interval are by default.
    private const double SaveInterval = 1, Heartbeats = 10;

    /// <summary>So long cards come and go before any of them counts.</summary>
    private const double WarmSeconds = 4;

    /// <summary>So many cards count.</summary>
    private const int Changes = 16;

    /// <summary>Hosts up to which the targets hold.</summary>
    private const int MostWithTarget = 1000;

    /// <summary>Signs of life of all hosts.</summary>
    public static async Task<IReadOnlyList<Row>> UnchangedAsync(Bench bench)
    {
        var statements = new List<double>();
        await Statements.StartAsync(bench.Stage.Database);
        var hosts = bench.Fleet.Count.ToString("N0", CultureInfo.InvariantCulture);
        var busy = await bench.RepeatAsync(() => bench.Costs.OfAsync($"a second of {hosts} hosts that report nothing new", async () =>
        {
            var (counted, used, began) = (await Statements.CountAsync(bench.Stage.Database), ProcessorTimes.Of(bench.Stage).Conductor, Stopwatch.GetTimestamp());
            await bench.Fleet.BeatAsync(TimeSpan.FromSeconds(Heartbeats));
            var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
            statements.Add((await Statements.CountAsync(bench.Stage.Database) - counted) / (took / SaveInterval));
            return ((ProcessorTimes.Of(bench.Stage).Conductor - used) / 1000 / took * 100, took);
        }));
        var (count, load) = (
            new Row($"unchanged reports of {hosts} hosts: statements", Figure.Of(statements.Skip(1)), "", "all work of the conductor counted, for each save_interval"),
            new Row($"unchanged reports of {hosts} hosts: the conductor", busy, "% of one core"));
        return bench.Fleet.Count > MostWithTarget
            ? [count, load]
            : [count.Most(5, "at most 5 per save_interval"), load.Most(30, "under 30 % of one core")];
    }

    /// <summary>One new card; each time on the same host, which loses it again.</summary>
    public static async Task<(Figure Milliseconds, double Statements)> ChangedAsync(Bench bench, int host)
    {
        await Statements.StartAsync(bench.Stage.Database);
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began).TotalSeconds < WarmSeconds;)
        {
            await bench.Fleet.AddCardAsync(host);
            await bench.Fleet.RemoveCardAsync(host);
        }
        var (took, statements) = (new List<double>(), new List<double>());
        for (var n = 0; n < Changes; n++)
        {
            var counted = await Statements.CountAsync(bench.Stage.Database);
            took.Add(await bench.Fleet.AddCardAsync(host));
            statements.Add(await Statements.CountAsync(bench.Stage.Database) - counted);
            await bench.Fleet.RemoveCardAsync(host);
        }
        // Whatever the conductor does of its own in the same moment is counted, too; the least of some is the report's.
        return (Figure.Of(took), statements.Min());
    }

    /// <summary>Many new hosts, as after an upgrade that has all agents report in full.</summary>
    public static async Task<Row> GrowAsync(Bench bench, int hosts)
    {
        var began = Stopwatch.GetTimestamp();
        var more = hosts - bench.Fleet.Count;
        await bench.Costs.OfAsync("a first report of a host with 8 x 16 handles", async () =>
        {
            await bench.Fleet.GrowAsync(more, cards: 8, handles: 16, installed: false);
            return (more, more);
        });
        var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return new Row(
            string.Create(CultureInfo.InvariantCulture, $"first reports of {more:N0} more hosts x 8 devices x 16 handles, 32 at once"),
            Figure.Of([took]), "s", string.Create(CultureInfo.InvariantCulture, $"{more / took:F0} reports/s"));
    }
}
