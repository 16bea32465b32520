using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

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
    public static ILoggerFactory Create(CyborgConfig config, TextWriter? output = null, TimeProvider? time = null) =>
        LoggerFactory.Create(builder => builder.AddCyborgLog(config, output, time));

    /// <summary>Makes a host's log ours: no other provider stays.</summary>
    /// <param name="builder">The host's logging.</param>
    /// <param name="config">Read for <c>[DEFAULT] debug</c>.</param>
    /// <param name="output">Where lines go; standard error if null.</param>
    /// <param name="time">The clock.</param>
    public static ILoggingBuilder AddCyborgLog(
        this ILoggingBuilder builder, CyborgConfig config, TextWriter? output = null, TimeProvider? time = null)
    {
        var debug = config.Get(SharedOptions.DebugOption);
        builder.ClearProviders();
        builder.SetMinimumLevel(debug ? LogLevel.Debug : LogLevel.Information);
        // Libraries tell every step at Information; an operator wants them only when looking for an error.
        builder.AddFilter("Microsoft", debug ? LogLevel.Information : LogLevel.Warning);
        builder.AddFilter("System", debug ? LogLevel.Information : LogLevel.Warning);
        builder.AddFilter("NATS", debug ? LogLevel.Information : LogLevel.Warning);
        // A start that fails is told by whoever asked for it, in a line; the host would tell it again with its stack.
        builder.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", debug ? LogLevel.Information : LogLevel.None);
        builder.Services.AddSingleton<ILoggerProvider>(_ => new LineLoggerProvider(output ?? Console.Error, time ?? TimeProvider.System));
        return builder;
    }

    /// <summary>All lines until the scope ends carry this request id.</summary>
    /// <param name="logger">Any logger of the process.</param>
    /// <param name="requestId">The id; one that is not <c>req-UUID</c> is not shown.</param>
    public static IDisposable? BeginRequest(this ILogger logger, string requestId) =>
        logger.BeginScope(new KeyValuePair<string, object?>[] { new(RequestIdKey, requestId) });

    /// <summary>Logs each warning that reading the configuration gave.</summary>
    /// <param name="logs">The process's log.</param>
    /// <param name="config">The configuration.</param>
    public static void LogConfigWarnings(this ILoggerFactory logs, CyborgConfig config)
    {
        var logger = logs.CreateLogger("Cyborg.Hosting.Configuration");
        foreach (var warning in config.Warnings)
            Log.ConfigWarning(logger, warning);
    }
}
