using Cyborg.Drivers;
using Cyborg.Model;
using Microsoft.Extensions.Logging;

namespace Cyborg.Agent;

/// <summary>Everything an agent logs; numbers 3000 to 3099.</summary>
internal static partial class Log
{
    [LoggerMessage(3000, LogLevel.Information, "Agent of host {Host} started with {Drivers}, boot {BootId}")]
    public static partial void Started(ILogger logger, string host, string drivers, Guid bootId);

    [LoggerMessage(3001, LogLevel.Information, "Agent of host {Host} stopped")]
    public static partial void Stopped(ILogger logger, string host);

    [LoggerMessage(3002, LogLevel.Warning, "{Driver} cannot tell which devices there are; none of its devices is added or removed: {Reason}")]
    public static partial void DiscoveryFailed(ILogger logger, string driver, string reason);

    [LoggerMessage(3003, LogLevel.Error, "{Driver} broke in its discovery; none of its devices is added or removed")]
    public static partial void DiscoveryBroke(ILogger logger, Exception exception, string driver);

    [LoggerMessage(3004, LogLevel.Information, "{Driver} finds its devices again")]
    public static partial void DiscoveryRecovered(ILogger logger, string driver);

    [LoggerMessage(3005, LogLevel.Warning, "{Driver}: a device is left out: {Problem}")]
    public static partial void ProblemAppeared(ILogger logger, string driver, DiscoveryProblem problem);

    [LoggerMessage(3006, LogLevel.Information, "{Driver}: no longer the case: {Problem}")]
    public static partial void ProblemGone(ILogger logger, string driver, DiscoveryProblem problem);

    [LoggerMessage(3010, LogLevel.Information, "The first report with {Devices} devices was accepted, request {RequestId}")]
    public static partial void FirstReport(ILogger logger, int devices, string requestId);

    [LoggerMessage(3011, LogLevel.Warning, "The report was not accepted ({Code}: {Reason}); it is repeated until it is, request {RequestId}")]
    public static partial void ReportRefused(ILogger logger, FaultCode code, string reason, string requestId);

    [LoggerMessage(3012, LogLevel.Error, "The report cycle broke; it is repeated")]
    public static partial void CycleBroke(ILogger logger, Exception exception);

    [LoggerMessage(3013, LogLevel.Information, "Reports are accepted again, request {RequestId}")]
    public static partial void ReportRecovered(ILogger logger, string requestId);

    [LoggerMessage(3020, LogLevel.Information, "Device {Device} was installed by {Driver}")]
    public static partial void Installed(ILogger logger, Guid device, string driver);

    [LoggerMessage(3021, LogLevel.Warning, "Device {Device} was not installed by {Driver}: {Reason}")]
    public static partial void InstallFailed(ILogger logger, Guid device, string driver, string? reason);

    [LoggerMessage(3022, LogLevel.Warning, "The install of device {Device} could not be reported ({Code}); the next cycle repeats it")]
    public static partial void InstallNotReported(ILogger logger, Guid device, FaultCode code);

    [LoggerMessage(3023, LogLevel.Error, "The install of device {Device} broke; the next cycle repeats it")]
    public static partial void InstallBroke(ILogger logger, Exception exception, Guid device);

    [LoggerMessage(3030, LogLevel.Information, "Deployable {Deployable} was programmed with image {Image} by {Driver}, request {RequestId}")]
    public static partial void Programmed(ILogger logger, Guid deployable, Guid image, string driver, string requestId);

    [LoggerMessage(3031, LogLevel.Warning, "Deployable {Deployable} was not programmed with image {Image} by {Driver}: {Reason}, request {RequestId}")]
    public static partial void ProgramFailed(ILogger logger, Guid deployable, Guid image, string driver, string? reason, string requestId);

    [LoggerMessage(3040, LogLevel.Error, "{Driver} broke in its work on {Device}")]
    public static partial void WorkBroke(ILogger logger, Exception exception, string driver, string device);

    [LoggerMessage(3041, LogLevel.Warning, "A driver's work goes on after {Timeout} of waiting for its end; it is left behind")]
    public static partial void WorkLeftBehind(ILogger logger, TimeSpan timeout);
}
