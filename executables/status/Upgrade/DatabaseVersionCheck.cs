using System.Data.Common;
using Cyborg.Hosting;
using Cyborg.Model;
using Cyborg.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Executables.Upgrade;

/// <summary>Whether the database has the schema that these services work on.</summary>
internal static class DatabaseVersionCheck
{
    public static UpgradeCheck Of(CyborgConfig config) => new("Database Version", stop => WithAsync(config, async database =>
    {
        var (found, needed) = (await database.VersionAsync(stop) ?? 0, CyborgDatabase.SchemaVersion);
        return found == needed ? UpgradeResult.Success
            : found > needed ? new(UpgradeCode.Failure, $"{database.Description} is at schema version {found}, newer than {needed}, which this release works on. Install the newer release.")
            : new(UpgradeCode.Failure, $"{database.Description} is at schema version {found}, this release works on {needed}. Run cyborg-dbsync upgrade, while the services run or not.");
    }));

    /// <summary>Looks into the database; what keeps it from that is a failure.</summary>
    internal static async Task<UpgradeResult> WithAsync(CyborgConfig config, Func<CyborgDatabase, Task<UpgradeResult>> look)
    {
        try
        {
            await using var database = CyborgDatabase.Open(config.Get(SharedOptions.ConnectionOption), NullLoggerFactory.Instance, TimeProvider.System);
            return await look(database);
        }
        catch (ConfigException)
        {
            return new(UpgradeCode.Failure, "[database] connection cannot be used; the check of the URLs says why.");
        }
        catch (Exception error) when (error is DatabaseUrlException or FaultException or DbException or IOException or UnauthorizedAccessException)
        {
            return new(UpgradeCode.Failure, error.Message.ReplaceLineEndings(" "));
        }
    }
}
