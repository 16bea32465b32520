namespace Cyborg.Bench;

/// <summary>A line of the report.</summary>
/// <param name="Work">What was measured.</param>
/// <param name="Target">What it should be, in words.</param>
/// <param name="Value">The ratio or figure that the target is about.</param>
/// <param name="Bound">The target's number.</param>
/// <param name="AtLeast">True if more is better.</param>
/// <param name="Detail">What the value was made of, baselines included.</param>
internal sealed record Row(string Work, string Target, Figure Value, double Bound, bool AtLeast, string Detail)
{
    /// <summary>True if the median is on the right side.</summary>
    public bool Holds => AtLeast ? Value.Median >= Bound : Value.Median <= Bound;
}

/// <summary>What all measures share.</summary>
/// <param name="Stage">What is measured.</param>
/// <param name="Fleet">Its hosts.</param>
/// <param name="Rounds">How often each figure is taken.</param>
/// <param name="Seconds">How long one round of load lasts.</param>
internal sealed record Bench(Stage Stage, Fleet Fleet, int Rounds, double Seconds)
{
    /// <summary>Takes a figure several times, after one round that does not count.</summary>
    public async Task<Figure> RepeatAsync(Func<Task<double>> once)
    {
        await once();
        return await TakeAsync(once);
    }

    /// <summary>Takes a figure several times.</summary>
    public async Task<Figure> TakeAsync(Func<Task<double>> once)
    {
        var values = new List<double>(Rounds);
        for (var n = 0; n < Rounds; n++)
            values.Add(await once());
        return Figure.Of(values);
    }
}
