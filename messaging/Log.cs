using Cyborg.Model;
using Microsoft.Extensions.Logging;

namespace Cyborg.Messaging;

/// <summary>Everything this room logs. Ids are stable; bodies are never logged.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Debug, "A message for {Address} came too late")]
    public static partial void LateMessage(ILogger logger, string address);

    [LoggerMessage(2, LogLevel.Warning, "A fault or credit could not be sent")]
    public static partial void PostFailed(ILogger logger, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "{Verb} is sent again ({Reason}), attempt {Attempt}, request {RequestId}")]
    public static partial void Resending(ILogger logger, string verb, string reason, int attempt, string requestId);

    [LoggerMessage(4, LogLevel.Warning, "{Verb} could not be sent, request {RequestId}")]
    public static partial void SendFailed(ILogger logger, Exception exception, string verb, string requestId);

    [LoggerMessage(5, LogLevel.Error, "{Verb} failed, request {RequestId}")]
    public static partial void HandlerFailed(ILogger logger, Exception exception, string verb, string requestId);

    [LoggerMessage(6, LogLevel.Debug, "{Verb} ended with {Code}, request {RequestId}")]
    public static partial void HandlerFault(ILogger logger, string verb, FaultCode code, string requestId);

    [LoggerMessage(7, LogLevel.Warning, "{Verb}: a call was refused with {Code}: {Text}")]
    public static partial void Refused(ILogger logger, string verb, FaultCode code, string text);

    [LoggerMessage(8, LogLevel.Warning, "{Verb}: the reply could not be sent, request {RequestId}")]
    public static partial void ReplyFailed(ILogger logger, Exception exception, string verb, string requestId);

    [LoggerMessage(9, LogLevel.Error, "{Verb}: a call was dropped: it names no reply address")]
    public static partial void NoReplyAddress(ILogger logger, string verb);

    [LoggerMessage(10, LogLevel.Error, "{Verb}: a message could not be taken in")]
    public static partial void IntakeFailed(ILogger logger, Exception exception, string verb);

    [LoggerMessage(11, LogLevel.Warning, "Handlers still run after {Timeout}; they are cancelled")]
    public static partial void DrainTimedOut(ILogger logger, TimeSpan timeout);

    [LoggerMessage(12, LogLevel.Error, "Handlers ignore their cancellation; they are left behind")]
    public static partial void HandlersLeftBehind(ILogger logger);

    [LoggerMessage(13, LogLevel.Error, "A slow consumer of {Subject}: {Dropped} messages dropped so far")]
    public static partial void SlowConsumer(ILogger logger, string subject, long dropped);

    [LoggerMessage(14, LogLevel.Error, "A consumer of {Subject} failed")]
    public static partial void ConsumerFailed(ILogger logger, Exception exception, string subject);

    [LoggerMessage(15, LogLevel.Debug, "{Verb}: the caller wants no more of the reply, request {RequestId}")]
    public static partial void ReplyUnwanted(ILogger logger, string verb, string requestId);

    [LoggerMessage(16, LogLevel.Information, "The bus is connected: {Server}")]
    public static partial void BusConnected(ILogger logger, string server);

    [LoggerMessage(17, LogLevel.Warning, "The bus is lost; connecting again until it is back")]
    public static partial void BusLost(ILogger logger);

    [LoggerMessage(18, LogLevel.Warning, "The bus can't be reached, attempt {Attempt}, next in {Wait}: {Reason}")]
    public static partial void BusUnreachable(ILogger logger, int attempt, TimeSpan wait, string reason);

    [LoggerMessage(19, LogLevel.Error, "The bus refuses what this user may not do: {Error}")]
    public static partial void BusForbids(ILogger logger, string error);

    [LoggerMessage(20, LogLevel.Error, "The bus reports an error: {Error}")]
    public static partial void BusError(ILogger logger, string error);

    [LoggerMessage(21, LogLevel.Warning, "The bus was lost while {Subject} was given up; connecting anew")]
    public static partial void StaleSubscription(ILogger logger, string subject);
}
