namespace Cyborg.Hosting.Doctor;

/// <summary>Whether the configuration can be used, and whether something in it is a mistake.</summary>
internal static class ConfigurationCheck
{
    private const int Shown = 3;

    /// <summary>The check of a review that was made already.</summary>
    public static DoctorCheck Of(ConfigReview review, string program) => new("configuration", _ => Task.FromResult(Judge(review, program)));

    private static DoctorFinding Judge(ConfigReview review, string program)
    {
        if (review.Faults.Count > 0)
            return DoctorFinding.Failure(Some(review.Faults), $"Correct the file; {program} config check tells all faults.");
        return review.Warnings.Count > 0
            ? DoctorFinding.Warning(Some(review.Warnings), $"Correct or remove them; {program} config sample tells all options.")
            : DoctorFinding.Ok(review.Summary);
    }

    private static string Some(IReadOnlyList<string> lines) =>
        string.Join("; ", lines.Take(Shown)) + (lines.Count > Shown ? $"; and {lines.Count - Shown} more" : "");
}
