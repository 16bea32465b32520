using Cyborg.Hosting;
using Cyborg.Storage;

namespace Cyborg.Executables.Upgrade;

/// <summary>Whether accelerator requests without an owner are left, which releases before Wallaby have written: no project's callers see them.</summary>
internal static class ArqOwnersCheck
{
    public static UpgradeCheck Of(CyborgConfig config) => new("Accelerator Request Owners", stop => DatabaseVersionCheck.WithAsync(config, async database =>
    {
        if (await database.VersionAsync(stop) is null or 0)
            return UpgradeResult.Success;
        var count = await database.ReadAsync(session => ArqOwners.CountAsync(session, stop), stop);
        return count == 0
            ? UpgradeResult.Success
            : new(UpgradeCode.Warning, $"{count} accelerator requests of instances have no project_id. Run cyborg-dbsync online_data_migrations.");
    }));
}
