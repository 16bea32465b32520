using System.Globalization;
using Cyborg.Hosting;
using Cyborg.Storage;

namespace Cyborg.Executables;

/// <summary>The executable <c>cyborg-dbsync</c>: keeps the schema of the database. Any number of them may run at once.</summary>
internal static class DbSyncProgram
{
    private const string Name = "cyborg-dbsync";

    public static Task<int> Main(string[] args) =>
        new ServiceCommandLine("Keeps the schema of Cyborg's database.")
            .Verb("upgrade", "Brings the schema up to date; harmless when it is, and when others do the same.", UpgradeAsync)
            .Verb("version", "Prints the version of the schema; 0 for an empty database.", VersionAsync)
            .RunAsync(args);

    private static Task<int> UpgradeAsync(CommandLineArguments arguments, CancellationToken stop) =>
        DatabaseTool.RunAsync(
            Name,
            arguments,
            [],
            async (_, database, token) =>
            {
                await database.MigrateAsync(token);
                await Console.Out.WriteLineAsync($"{database.Description} is at schema version {await ReadAsync(database, token)}.");
                return 0;
            },
            stop);

    private static Task<int> VersionAsync(CommandLineArguments arguments, CancellationToken stop) =>
        DatabaseTool.RunAsync(
            Name,
            arguments,
            [],
            async (_, database, token) =>
            {
                await Console.Out.WriteLineAsync(await ReadAsync(database, token));
                return 0;
            },
            stop);

    private static async Task<string> ReadAsync(CyborgDatabase database, CancellationToken stop) =>
        (await database.VersionAsync(stop) ?? 0).ToString(CultureInfo.InvariantCulture);
}
