namespace Cyborg.Bench;

/// <summary>A line of the report.</summary>
/// <param name="Work">What was measured.</param>
/// <param name="Value">The ratio or figure that the target is about.</param>
/// <param name="Unit">Of the value; <c>x</c> for a ratio.</param>
/// <param name="Detail">What else there is to say: what a ratio was made of, the baseline included.</param>
internal sealed record Row(string Work, Figure Value, string Unit, string Detail = "")
{
    /// <summary>What it should be, in words; null if it has no target.</summary>
    public string? Target { get; init; }

    /// <summary>The target's number.</summary>
    public double Bound { get; init; }

    /// <summary>True if more is better.</summary>
    public bool AtLeast { get; init; }

    /// <summary>Whether the median is on the right side; empty without a target.</summary>
    public string Verdict => Target is null ? "" : (AtLeast ? Value.Median >= Bound : Value.Median <= Bound) ? "holds" : "misses";

    /// <summary>The same with a target that is a least value.</summary>
    public Row Least(double bound, string target) => this with { Target = target, Bound = bound, AtLeast = true };

    /// <summary>The same with a target that is a greatest value.</summary>
    public Row Most(double bound, string target) => this with { Target = target, Bound = bound };
}
