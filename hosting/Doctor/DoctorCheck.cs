namespace Cyborg.Hosting.Doctor;

/// <summary>How a check ended.</summary>
public enum DoctorVerdict
{
    /// <summary>All is well.</summary>
    Ok,

    /// <summary>It could not be asked, because of another line of the page, or because it is not in use; no news, good or bad.</summary>
    Skipped,

    /// <summary>The service works, but somebody should look.</summary>
    Warning,

    /// <summary>The service cannot do its work.</summary>
    Failure,
}

/// <summary>What a check found.</summary>
/// <param name="Verdict">How it ended.</param>
/// <param name="Text">What was seen, in a line; never a secret.</param>
/// <param name="Remedy">What to do about it, in a line; null if nothing.</param>
public sealed record DoctorFinding(DoctorVerdict Verdict, string Text, string? Remedy = null)
{
    /// <summary>All is well.</summary>
    /// <param name="text">What was seen.</param>
    public static DoctorFinding Ok(string text) => new(DoctorVerdict.Ok, text);

    /// <summary>Not asked.</summary>
    /// <param name="text">Why.</param>
    public static DoctorFinding Skipped(string text) => new(DoctorVerdict.Skipped, text);

    /// <summary>Works, but should be looked at.</summary>
    /// <param name="text">What was seen.</param>
    /// <param name="remedy">What to do.</param>
    public static DoctorFinding Warning(string text, string remedy) => new(DoctorVerdict.Warning, text, remedy);

    /// <summary>Does not work.</summary>
    /// <param name="text">What was seen.</param>
    /// <param name="remedy">What to do.</param>
    public static DoctorFinding Failure(string text, string remedy) => new(DoctorVerdict.Failure, text, remedy);
}

/// <summary>One line of the doctor's page: it looks, and changes nothing.</summary>
/// <param name="Name">What it looks at, in a word or two.</param>
/// <param name="Look">Looks. One that throws has failed, and only the kind of its exception is shown.</param>
public sealed record DoctorCheck(string Name, Func<CancellationToken, Task<DoctorFinding>> Look)
{
    /// <summary>What to do if it gives no answer in time.</summary>
    public string WhenSilent { get; init; } = "Look whether the server that it asks is overloaded, or behind a firewall that drops packets.";
}

/// <summary>A check with what it found.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Finding">What was found.</param>
public sealed record DoctorLine(string Name, DoctorFinding Finding);
