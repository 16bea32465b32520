using Microsoft.Extensions.Logging;

namespace Cyborg.Conductor;

/// <summary>What the conductor logs; event ids are never reused.</summary>
internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Information, "The conductor serves calls, its database is {Database}")]
    public static partial void Started(ILogger log, string database);

    [LoggerMessage(2002, LogLevel.Warning, "Host {Host} reported a device that is left out: {Problem}")]
    public static partial void DeviceRefused(ILogger log, string host, string problem);

    [LoggerMessage(2003, LogLevel.Warning, "Device {Device} on {Host} could not be installed: {Reason}")]
    public static partial void InstallFailed(ILogger log, Guid device, string host, string reason);

    [LoggerMessage(2004, LogLevel.Information, "Device {Device} is enabled, and {Host} installs it when its agent asks next: {Reason}")]
    public static partial void InstallLater(ILogger log, Guid device, string host, string reason);

    [LoggerMessage(2005, LogLevel.Error, "Sweeping stored replies failed; it is tried again in a minute")]
    public static partial void SweepFailed(ILogger log, Exception error);
}
