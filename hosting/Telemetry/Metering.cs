using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Cyborg.Hosting.Telemetry;

/// <summary>How a process serves what its rooms measure, as Prometheus reads it. doc/observability.md lists every metric.</summary>
public static class Metering
{
    /// <summary>Path of the metrics.</summary>
    public const string Path = "/metrics";

    /// <summary>What is served: the meters of the rooms.</summary>
    public const string Meters = "Cyborg.*";

    // From a call in this process to a host that is slow. OpenTelemetry's own bounds are meant for milliseconds.
    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

    /// <summary>Collects what the rooms of this process measure from now on.</summary>
    /// <param name="service">The executable's name.</param>
    public static MeterProvider Start(string service) =>
        Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => Tracing.Describe(resource, service))
            .AddMeter(Meters)
            .AddView(Shape)
            .AddPrometheusExporter(exporter =>
            {
                // Names need no second name of where they come from: all begin with cyborg.
                exporter.ScopeInfoEnabled = false;
            })
            .Build();

    /// <summary>Answers GET <c>/metrics</c> to those who may ask; to others as if there were no such path.</summary>
    /// <param name="app">The web application; the answer stands where this is called.</param>
    /// <param name="metrics">What <see cref="Start"/> gave.</param>
    /// <param name="allowed">Who may ask.</param>
    public static IApplicationBuilder UseMetrics(this IApplicationBuilder app, MeterProvider metrics, Func<HttpContext, bool> allowed) =>
        app.UseOpenTelemetryPrometheusScrapingEndpoint(
            metrics, http => http.Request.Path == Path && HttpMethods.IsGet(http.Request.Method) && allowed(http), path: null, configureBranchedPipeline: null, optionsName: null);

    private static MetricStreamConfiguration? Shape(Instrument instrument) =>
        instrument is Histogram<double> { Unit: "s" } ? new ExplicitBucketHistogramConfiguration { Boundaries = Seconds } : null;
}
