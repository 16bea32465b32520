using Cyborg.Hosting;

namespace Cyborg.Executables.Upgrade;

/// <summary>Whether the URLs of the bus and the database name servers that these services use: upstream's deployments have RabbitMQ and MySQL.</summary>
internal static class UrlsCheck
{
    public static UpgradeCheck Of(CyborgConfig config) => UpgradeCheck.Of("Database and Bus URLs", () => Look(config));

    private static UpgradeResult Look(CyborgConfig config)
    {
        var faults = new[] { SharedOptions.ConnectionOption, SharedOptions.TransportUrlOption }
            .Select(option => config.IsSet(option) ? Fault(config, option) : $"{config.Place(option)} is not set; services would use {option.Default}")
            .OfType<string>()
            .ToList();
        if (faults.Count == 0)
            return UpgradeResult.Success;
        var isSet = config.IsSet(SharedOptions.ConnectionOption) && config.IsSet(SharedOptions.TransportUrlOption);
        return new(isSet || faults.Exists(fault => !fault.Contains("is not set", StringComparison.Ordinal)) ? UpgradeCode.Failure : UpgradeCode.Warning,
            string.Join("; ", faults) + ".");
    }

    private static string? Fault(CyborgConfig config, Option<string> option)
    {
        try
        {
            config.Get(option);
            return null;
        }
        catch (ConfigException error)
        {
            return error.Message;
        }
    }
}
