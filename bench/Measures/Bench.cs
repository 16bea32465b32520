namespace Cyborg.Bench;

/// <summary>What all measures share.</summary>
/// <param name="Stage">What is measured.</param>
/// <param name="Fleet">Its hosts.</param>
/// <param name="Rounds">How often each figure is taken.</param>
/// <param name="Seconds">How long one round of load lasts.</param>
internal sealed record Bench(Stage Stage, Fleet Fleet, int Rounds, double Seconds)
{
    /// <summary>Where the processor time goes.</summary>
    public Costs Costs { get; } = new(Stage);

    /// <summary>Takes a figure several times, after one round that does not count.</summary>
    public async Task<Figure> RepeatAsync(Func<Task<double>> once)
    {
        Costs.Paused = true;
        await once();
        Costs.Paused = false;
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
