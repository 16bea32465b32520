using Microsoft.Extensions.Logging;

namespace Cyborg.Hosting;

/// <summary>Log events of hosting, numbers 1000 to 1099.</summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Warning, "{Warning}")]
    public static partial void ConfigWarning(ILogger logger, string warning);
}
