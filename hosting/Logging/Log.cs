using Microsoft.Extensions.Logging;

namespace Cyborg.Hosting;

/// <summary>Log events of hosting, numbers 1000 to 1099.</summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Warning, "{Warning}")]
    public static partial void ConfigWarning(ILogger logger, string warning);

    [LoggerMessage(1001, LogLevel.Information, "{Note}")]
    public static partial void ConfigNote(ILogger logger, string note);

    [LoggerMessage(1010, LogLevel.Information, "The configuration is read again")]
    public static partial void Reloading(ILogger logger);

    [LoggerMessage(1011, LogLevel.Error, "The configuration cannot be used, and the one from before stays: {Fault}")]
    public static partial void ReloadRefused(ILogger logger, string fault);

    [LoggerMessage(1012, LogLevel.Information, "Taken over: {Options}")]
    public static partial void ReloadTaken(ILogger logger, string options);

    [LoggerMessage(1013, LogLevel.Error, "Not taken over: {Options}: {Reason}")]
    public static partial void ReloadFailed(ILogger logger, string options, string reason);

    [LoggerMessage(1014, LogLevel.Warning, "{Place} has changed and needs a restart of this service; until then the value from before counts")]
    public static partial void RestartNeeded(ILogger logger, string place);

    [LoggerMessage(1015, LogLevel.Information, "No option has changed that this service reads")]
    public static partial void NothingChanged(ILogger logger);

    [LoggerMessage(1060, LogLevel.Information, "Metrics are served on {Address}")]
    public static partial void MetricsServed(ILogger logger, Uri address);

    [LoggerMessage(1050, LogLevel.Error, "The watchdog gets no sign of life: {Reason}")]
    public static partial void NotAlive(ILogger logger, string reason);

    [LoggerMessage(1051, LogLevel.Information, "The watchdog gets its sign of life again")]
    public static partial void AliveAgain(ILogger logger);
}
