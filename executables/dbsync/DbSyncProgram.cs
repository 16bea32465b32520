using System.Globalization;
using Cyborg.Conductor.Nova;
using Cyborg.Conductor.Upgrades;
using Cyborg.Hosting;
using Cyborg.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Executables;

/// <summary>The executable <c>cyborg-dbsync</c>: keeps the schema of the database. Any number of them may run at once.</summary>
internal static class DbSyncProgram
{
    private const string Name = "cyborg-dbsync";

    public static Task<int> Main(string[] args) =>
        new ServiceCommandLine("Keeps the schema of Cyborg's database.")
            .Verb("upgrade", "Brings the schema up to date; harmless when it is, and when others do the same.", UpgradeAsync)
            .Verb("version", "Prints the version of the schema; 0 for an empty database.", VersionAsync)
            .Verb(
                "online_data_migrations",
                "Gives accelerator requests without an owner the project of their instance; beside running services, as often as one likes: 0 none is left, 1 some are.",
                MigrateDataAsync)
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

    private static Task<int> MigrateDataAsync(CommandLineArguments arguments, CancellationToken stop) =>
        DatabaseTool.RunAsync(
            Name,
            arguments,
            NovaOptions.All,
            async (config, database, token) =>
            {
                await database.RequireSchemaAsync(token);
                var healed = await ArqOwnerHealing.RunAsync(database, NovaOptions.From(config), NullLoggerFactory.Instance, TimeProvider.System, token);
                await Console.Out.WriteLineAsync($"Migrated {healed.Migrated} ARQ(s)");
                if (healed.Left > 0)
                    await Console.Error.WriteLineAsync($"{Name}: {healed.Left} ARQ(s) have no project_id yet: {healed.Reason}");
                return healed.Left == 0 ? 0 : 1;
            },
            stop);

    private static async Task<string> ReadAsync(CyborgDatabase database, CancellationToken stop) =>
        (await database.VersionAsync(stop) ?? 0).ToString(CultureInfo.InvariantCulture);
}
