using System.CommandLine;
using Cyborg.Api;
using Cyborg.Conductor;
using Cyborg.Hosting;

namespace Cyborg.Executables.Upgrade;

/// <summary><c>cyborg-status upgrade check</c>: whether services of this release can take over the deployment. Exit codes are oslo.upgradecheck's: 0 success,
/// 1 at least one warning, 2 at least one failure, 255 it could not look.</summary>
internal static class UpgradeVerb
{
    private const int Unusable = 255;

    /// <summary>Adds the verb.</summary>
    public static ServiceCommandLine UpgradeVerbs(this ServiceCommandLine line)
    {
        var json = new System.CommandLine.Option<bool>("--json") { Description = "Print one line of JSON in place of the table." };
        var check = line.Does(
            new Command("check", "Looks whether services of this release can take over: 0 they can, 1 something should be looked at, 2 they cannot, 255 it could not look.") { json },
            async (arguments, parsed, stop) =>
            {
                try
                {
                    var results = await RunAsync(Checks(arguments), stop);
                    await parsed.InvocationConfiguration.Output.WriteAsync(
                        parsed.GetValue(json) ? UpgradeTable.ToJson(results) : UpgradeTable.ToText(results));
                    return (int)results.Max(result => result.Result.Code);
                }
                catch (Exception error) when (error is not (ConfigException or OperationCanceledException))
                {
                    await parsed.InvocationConfiguration.Error.WriteLineAsync($"cyborg-status: {error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")}");
                    return Unusable;
                }
            },
            Unusable);
        return line.Verb(new Command("upgrade", "Looks at a deployment before an upgrade.") { check }, Unusable);
    }

    private static List<UpgradeCheck> Checks(CommandLineArguments arguments)
    {
        IReadOnlyList<Hosting.Option> options = [.. ApiOptions.All.Concat(ConductorOptions.All).Concat(ChangedOptionsCheck.Options).Distinct()];
        var review = ConfigReview.Of(arguments, options, []);
        // A file that cannot even be read leaves nothing to look at.
        if (review.Summary == ConfigReview.NoFile)
            throw new ConfigException(review.Faults);
        return
        [
            PolicyFileCheck.Of(review.Config), PolicyRulesCheck.Of(review.Config), ConfigurationCheck.Of(review), UrlsCheck.Of(review.Config),
            ChangedOptionsCheck.Of(review.Config), DatabaseVersionCheck.Of(review.Config), ArqOwnersCheck.Of(review.Config),
        ];
    }

    private static async Task<IReadOnlyList<(string Name, UpgradeResult Result)>> RunAsync(IReadOnlyList<UpgradeCheck> checks, CancellationToken stop)
    {
        var results = new List<(string, UpgradeResult)>();
        foreach (var check in checks)
            results.Add((check.Name, await check.Look(stop)));
        return results;
    }
}
