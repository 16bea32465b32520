using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cyborg.Hosting;

/// <summary>The log of every executable: lines in oslo.log's form on standard error, details by <c>[DEFAULT] debug</c>.</summary>
public static class LoggingSetup
{
    /// <summary>Name of the value in a scope that carries the request id. ASP.NET Core's own scope uses the same name.</summary>
    public const string RequestIdKey = "RequestId";

    /// <summary>A logger factory for a process without a host builder.</summary>
    /// <param name="config">Read for <c>[DEFAULT] debug</c>.</param>
    /// <param name="output">Where lines go; standard error if null.</param>
    /// <param name="time">The clock.</param>
    /// <param name="detail">How much is logged, where that may change; as the configuration says if null.</param>
    public static ILoggerFactory Create(CyborgConfig config, TextWriter? output = null, TimeProvider? time = null, LogDetail? detail = null) =>
        LoggerFactory.Create(builder => builder.AddCyborgLog(config, output, time, detail));

    /// <summary>Makes a host's log ours: no other provider stays.</summary>
    /// <param name="builder">The host's logging.</param>
    /// <param name="config">Read for <c>[DEFAULT] debug</c>.</param>
    /// <param name="output">Where lines go; standard error if null.</param>
    /// <param name="time">The clock.</param>
    /// <param name="detail">How much is logged, where that may change; as the configuration says if null.</param>
    public static ILoggingBuilder AddCyborgLog(
        this ILoggingBuilder builder, CyborgConfig config, TextWriter? output = null, TimeProvider? time = null, LogDetail? detail = null)
    {
        detail ??= new LogDetail(config.Get(SharedOptions.DebugOption));
        builder.ClearProviders();
        builder.Services.AddSingleton<IConfigureOptions<LoggerFilterOptions>>(detail);
        builder.Services.AddSingleton<IOptionsChangeTokenSource<LoggerFilterOptions>>(detail);
        builder.Services.AddSingleton<ILoggerProvider>(_ => new LineLoggerProvider(
            new LineOutput(output ?? Console.Error, waits: output is null), time ?? TimeProvider.System, config.Get(SharedOptions.UseJsonOption) ? JsonLogLine.Format : LogLine.Format));
        return builder;
    }

    /// <summary>All lines until the scope ends carry this request id.</summary>
    /// <param name="logger">Any logger of the process.</param>
    /// <param name="requestId">The id; one that is not <c>req-UUID</c> is not shown.</param>
    public static IDisposable? BeginRequest(this ILogger logger, string requestId) =>
        logger.BeginScope(new RequestScope(requestId));

    /// <summary>Logs what reading the configuration gave: warnings, and what upstream's options in it have no effect.</summary>
    /// <param name="logs">The process's log.</param>
    /// <param name="config">The configuration.</param>
    public static void LogConfigWarnings(this ILoggerFactory logs, CyborgConfig config)
    {
        var logger = logs.CreateLogger("Cyborg.Hosting.Configuration");
        foreach (var warning in config.Warnings)
            Log.ConfigWarning(logger, warning);
        foreach (var note in config.Notes)
            Log.ConfigNote(logger, note);
    }
}
