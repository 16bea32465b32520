using System.Diagnostics;
using System.Globalization;

namespace Cyborg.Bench;

/// <summary>What a fleet of hosts costs: while nothing changes, and when one host finds a card.</summary>
internal static class Reports
{
    /// <summary>Signs of life of a thousand hosts.</summary>
    public static async Task<IReadOnlyList<Row>> UnchangedAsync(Bench bench)
    {
        // As [conductor] save_interval and [agent] heartbeat_interval are by default.
        const double SaveInterval = 1, Heartbeats = 10;
        var statements = new List<double>();
        await Statements.StartAsync(bench.Stage.Database);
        var busy = await bench.RepeatAsync(async () =>
        {
            var (counted, used, began) = (await Statements.CountAsync(bench.Stage.Database), bench.Stage.Conductor.ProcessorTime, Stopwatch.GetTimestamp());
            await bench.Fleet.BeatAsync(TimeSpan.FromSeconds(Heartbeats));
            var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
            statements.Add((await Statements.CountAsync(bench.Stage.Database) - counted) / (took / SaveInterval));
            return (bench.Stage.Conductor.ProcessorTime - used).TotalSeconds / took * 100;
        });
        var hosts = bench.Fleet.Count.ToString(CultureInfo.InvariantCulture);
        return
        [
            new Row($"unchanged reports of {hosts} hosts: statements", "at most 5 per save_interval", Figure.Of(statements), 5, AtLeast: false, $"{Figure.Of(statements)} a second, all work of the conductor counted"),
            new Row($"unchanged reports of {hosts} hosts: the conductor", "under 30 % of one core", busy, 30, AtLeast: false, $"{busy} %"),
        ];
    }

    /// <summary>One new card; each time on the same host.</summary>
    public static async Task<(Figure Milliseconds, Figure Statements)> ChangedAsync(Bench bench)
    {
        await Statements.StartAsync(bench.Stage.Database);
        var statements = new List<double>();
        var took = await bench.RepeatAsync(async () =>
        {
            var counted = await Statements.CountAsync(bench.Stage.Database);
            var milliseconds = await bench.Fleet.AddCardAsync(0);
            statements.Add(await Statements.CountAsync(bench.Stage.Database) - counted);
            return milliseconds;
        });
        return (took, Figure.Of(statements));
    }
}
