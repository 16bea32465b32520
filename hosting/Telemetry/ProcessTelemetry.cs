using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;

namespace Cyborg.Hosting.Telemetry;

/// <summary>Traces and the monitoring's port of one process, as its configuration wants them; nothing at all without one.</summary>
public sealed class ProcessTelemetry : IAsyncDisposable
{
    private readonly TracerProvider? _traces;
    private readonly MetricsListener? _metrics;

    private ProcessTelemetry(TracerProvider? traces, MetricsListener? metrics) => (_traces, _metrics) = (traces, metrics);

    /// <summary>Where metrics are served; null for nowhere.</summary>
    public Uri? MetricsAddress => _metrics?.Address;

    /// <summary>Starts them.</summary>
    /// <param name="service">The executable's name.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="health">What <c>/healthcheck</c> on the monitoring's port asks.</param>
    /// <param name="logs">The process's log.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="ConfigException">A value is wrong.</exception>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<ProcessTelemetry> StartAsync(string service, CyborgConfig config, HealthRegistry health, ILoggerFactory logs, CancellationToken stop)
    {
        var options = TelemetryOptions.From(config);
        var listener = options.Listen is { } listen ? await MetricsListener.StartAsync(service, listen, health, logs, stop).ConfigureAwait(false) : null;
        if (listener is not null)
            Log.MetricsServed(logs.CreateLogger(service), listener.Address);
        return new ProcessTelemetry(Tracing.Start(service, options), listener);
    }

    /// <summary>Sends the traces that wait, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_metrics is not null)
            await _metrics.DisposeAsync().ConfigureAwait(false);
        _traces?.Dispose();
    }
}
