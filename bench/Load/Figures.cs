using System.Globalization;

namespace Cyborg.Bench;

/// <summary>A figure that was measured several times: its median, and how far apart its values lie.</summary>
internal readonly record struct Figure(double Median, double Lowest, double Highest)
{
    /// <summary>From one or more values.</summary>
    public static Figure Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new Figure(sorted[sorted.Length / 2], sorted[0], sorted[^1]);
    }

    /// <summary>A quantile of many values, from 0 to 1.</summary>
    public static double Quantile(List<double> values, double at)
    {
        values.Sort();
        return values[Math.Min((int)(values.Count * at), values.Count - 1)];
    }

    /// <summary>True if it was measured once, or always the same.</summary>
    public bool IsOne => Text(Lowest) == Text(Highest);

    /// <summary>The median, <c>12.3</c>.</summary>
    public string Middle => Text(Median);

    /// <summary><c>11.9 to 13.0</c>.</summary>
    public string Spread => $"{Text(Lowest)} to {Text(Highest)}";

    /// <summary><c>12.3 (11.9 to 13.0)</c>.</summary>
    public override string ToString() => IsOne ? Middle : $"{Middle} ({Spread})";

    private static string Text(double value) =>
        value.ToString(value == Math.Round(value) || Math.Abs(value) >= 100 ? "F0" : Math.Abs(value) >= 1 ? "F2" : "F3", CultureInfo.InvariantCulture);
}
