using Cyborg.Model;
using Microsoft.Extensions.Logging;

namespace Cyborg.Api;

/// <summary>Every event that the API logs. Ids are for good.</summary>
internal static partial class Log
{
    [LoggerMessage(1001, LogLevel.Error, "{Method} {Path} broke")]
    public static partial void RequestBroke(this ILogger log, Exception fault, string method, string path);

    [LoggerMessage(1002, LogLevel.Warning, "{Method} {Path} could not be answered: {Code}")]
    public static partial void RequestFaulted(this ILogger log, Exception fault, string method, string path, FaultCode code);

    [LoggerMessage(1003, LogLevel.Information, "{Method} {Path} {Status} {Milliseconds} ms")]
    public static partial void RequestDone(this ILogger log, string method, string path, int status, long milliseconds);

    [LoggerMessage(1004, LogLevel.Debug, "An OpenStack-API-Version header without the service type; clients should send '{ServiceType} 2.N'")]
    public static partial void BareMicroversion(this ILogger log, string serviceType);

    [LoggerMessage(1005, LogLevel.Warning, "Policy: {Text}")]
    public static partial void PolicyTold(this ILogger log, string text);

    [LoggerMessage(1006, LogLevel.Warning, "{Text}")]
    public static partial void AuthenticationTold(this ILogger log, string text);
}
