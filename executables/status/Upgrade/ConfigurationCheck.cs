using Cyborg.Hosting;

namespace Cyborg.Executables.Upgrade;

/// <summary>Whether the options of the API and the conductor can be read, and which of upstream's have no effect here.</summary>
internal static class ConfigurationCheck
{
    private const int Shown = 3;

    public static UpgradeCheck Of(ConfigReview review) => UpgradeCheck.Of("Configuration", () => Judge(review));

    private static UpgradeResult Judge(ConfigReview review)
    {
        if (review.Faults.Count > 0)
            return new(UpgradeCode.Failure, $"{Some(review.Faults)}. cyborg-api and cyborg-conductor config check tell all.");
        if (review.Warnings.Count > 0)
            return new(UpgradeCode.Warning, $"{Some(review.Warnings)}. cyborg-conductor config check tells all.");
        return review.Notes.Count == 0
            ? UpgradeResult.Success
            : new(UpgradeCode.Success, $"{review.Notes.Count} options of the file have no effect; cyborg-conductor config check tells each with its reason.");
    }

    private static string Some(IReadOnlyList<string> lines) =>
        string.Join("; ", lines.Take(Shown)) + (lines.Count > Shown ? $"; and {lines.Count - Shown} more" : "");
}
