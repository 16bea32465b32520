using Cyborg.Api;
using Cyborg.Hosting;
using Cyborg.Identity.Policy;

namespace Cyborg.Executables.Upgrade;

/// <summary>Whether the operator's rules are understood, and none of them is on its way out.</summary>
internal static class PolicyRulesCheck
{
    private const int Shown = 3;

    public static UpgradeCheck Of(CyborgConfig config) => UpgradeCheck.Of("Policy Rules", () => Look(config));

    private static UpgradeResult Look(CyborgConfig config)
    {
        var found = PolicyValidation.Of(ApiPolicies.All, PolicyOptions.From(config));
        if (found.Faults.Count > 0)
            return new(UpgradeCode.Failure, $"{Some(found.Faults)}. cyborg-api policy validate tells all.");
        var deprecated = found.Notes.Where(note => note.Contains("deprecated", StringComparison.Ordinal)).ToList();
        return deprecated.Count == 0 ? UpgradeResult.Success : new(UpgradeCode.Warning, $"{Some(deprecated)}. cyborg-api policy list shows the new ones.");
    }

    private static string Some(IReadOnlyList<string> lines) =>
        string.Join("; ", lines.Take(Shown)) + (lines.Count > Shown ? $"; and {lines.Count - Shown} more" : "");
}
