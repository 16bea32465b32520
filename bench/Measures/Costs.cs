using System.Globalization;
using System.Text;

namespace Cyborg.Bench;

/// <summary>Where the processor time of some work went.</summary>
internal sealed class Costs(Stage stage)
{
    private readonly Dictionary<string, (double Units, ProcessorTimes Times)> _sums = [];

    /// <summary>Does some work and notes what it cost. The same name again is added.</summary>
    /// <param name="unit">What is counted, such as <c>one walk</c>.</param>
    /// <param name="work">Does it, and answers its result and how many of the units that was.</param>
    public async Task<T> OfAsync<T>(string unit, Func<Task<(T Result, double Units)>> work)
    {
        var before = ProcessorTimes.Of(stage);
        var (result, units) = await work();
        if (Paused)
            return result;
        var sum = _sums.GetValueOrDefault(unit);
        _sums[unit] = (sum.Units + units, sum.Times + (ProcessorTimes.Of(stage) - before));
        return result;
    }

    /// <summary>As <see cref="OfAsync"/>, for something that is counted by the second.</summary>
    public Task<Pace> OfPaceAsync(string unit, Func<Task<Pace>> work) => OfAsync(unit, async () =>
    {
        var pace = await work();
        return (pace, pace.Count);
    });

    /// <summary>True while nothing is noted: in the rounds that warm up.</summary>
    public bool Paused { get; set; }

    /// <summary>The table, as Markdown; empty without any work.</summary>
    public string Table()
    {
        if (_sums.Count == 0)
            return "";
        var text = new StringBuilder("\nWhere the processor time goes, in milliseconds of one core for each:\n\n| | api | conductor | nats-server | PostgreSQL | load | all |\n|---|---|---|---|---|---|---|\n");
        foreach (var (unit, (units, times)) in _sums)
        {
            double[] parts = [times.Api, times.Conductor, times.Bus, times.Database, times.Load];
            text.Append(CultureInfo.InvariantCulture, $"| {unit} | {string.Join(" | ", [.. parts.Select(part => Text(part / units)), Text(parts.Sum() / units)])} |\n");
        }
        return text.ToString();
    }

    /// <summary>The same, a line for each.</summary>
    public IEnumerable<string> Lines() => _sums.Select(sum =>
    {
        var (units, times) = sum.Value;
        return $"processor ms, {sum.Key}: api {Text(times.Api / units)}, conductor {Text(times.Conductor / units)}, nats-server {Text(times.Bus / units)}, " +
            $"PostgreSQL {Text(times.Database / units)}, load {Text(times.Load / units)}";
    });

    private static string Text(double milliseconds) => milliseconds.ToString(milliseconds >= 10 ? "F1" : milliseconds >= 1 ? "F2" : "F3", CultureInfo.InvariantCulture);
}
