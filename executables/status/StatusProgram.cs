using Cyborg.Conductor.Nova;
using Cyborg.Conductor.Reconcile;
using Cyborg.Executables.Upgrade;
using Cyborg.Hosting;

namespace Cyborg.Executables;

/// <summary>The executable <c>cyborg-status</c>: looks, and changes nothing. Exit codes are those of oslo.upgradecheck: 0 all is well, 1 something
/// should be looked at.</summary>
internal static class StatusProgram
{
    private const string Name = "cyborg-status";

    public static Task<int> Main(string[] args) =>
        new ServiceCommandLine("Looks at a deployment of Cyborg, and changes nothing.")
            .Verb("drift", "Prints what a conductor would mend, one accelerator request a line.", DriftAsync)
            .UpgradeVerbs()
            .RunAsync(args);

    private static Task<int> DriftAsync(CommandLineArguments arguments, CancellationToken stop) =>
        DatabaseTool.RunAsync(
            Name,
            arguments,
            NovaOptions.All,
            async (config, database, token) =>
            {
                var found = await Drift.FindAsync(database, NovaOptions.From(config).IsTold, token);
                foreach (var finding in found)
                    await Console.Out.WriteLineAsync($"{finding.ArqUuid}: {finding.Text}");
                return found.Count == 0 ? 0 : 1;
            },
            stop);
}
