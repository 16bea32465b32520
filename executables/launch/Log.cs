using Microsoft.Extensions.Logging;

namespace Cyborg.Executables;

internal static partial class Log
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "{Service} runs")]
    public static partial void Running(ILogger logger, string service);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "{Service} has stopped")]
    public static partial void Stopped(ILogger logger, string service);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "Cannot start yet, and keeps trying: {Reason}")]
    public static partial void Waiting(ILogger logger, string reason);

    [LoggerMessage(EventId = 4, Level = LogLevel.Information, Message = "Started after {Failures} attempts in vain")]
    public static partial void NoLongerWaiting(ILogger logger, int failures);
}
