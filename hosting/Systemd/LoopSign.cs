namespace Cyborg.Hosting.Systemd;

/// <summary>The sign of life of one endless loop: it says when it begins a round, and others see whether a round takes longer than any should. Safe for many
/// threads.</summary>
/// <param name="name">The loop, for messages: <c>heartbeats</c>.</param>
/// <param name="longest">More than a round takes at the very worst, its waiting included.</param>
/// <param name="time">The clock.</param>
public sealed class LoopSign(string name, TimeSpan longest, TimeProvider time)
{
    private long _began = time.GetTimestamp();

    /// <summary>A round begins.</summary>
    public void Round() => Interlocked.Exchange(ref _began, time.GetTimestamp());

    /// <summary>Null, or that the loop stands still.</summary>
    public string? WhyDead()
    {
        var age = time.GetElapsedTime(Interlocked.Read(ref _began));
        return age <= longest ? null : FormattableString.Invariant($"{name} stand still since {age.TotalSeconds:0} s");
    }
}
