using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace Cyborg.Hosting.Telemetry;

/// <summary>A port for the monitoring: <c>/metrics</c>, and <c>/healthcheck</c> with each check by its name. For services that have no other, and beside the
/// API's own.</summary>
public sealed class MetricsListener : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly MeterProvider _metrics;

    private MetricsListener(WebApplication app, MeterProvider metrics) => (_app, _metrics) = (app, metrics);

    /// <summary>Where it listens.</summary>
    public Uri Address => new(_app.Urls.First());

    /// <summary>Listens.</summary>
    /// <param name="service">The executable's name.</param>
    /// <param name="listen">Where; port 0 for a free one.</param>
    /// <param name="health">What <c>/healthcheck</c> asks.</param>
    /// <param name="logs">The process's log.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<MetricsListener> StartAsync(string service, IPEndPoint listen, HealthRegistry health, ILoggerFactory logs, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(listen);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(MetricsListener).Assembly.GetName().Name });
        builder.Services.Replace(ServiceDescriptor.Singleton(logs));
        // Signals are the process's, not this port's.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(listen);
        });
        var app = builder.Build();
        var metrics = Metering.Start(service);
        app.UseMetrics(metrics, _ => true);
        app.Run(http => AnswerAsync(http, health));
        try
        {
            await app.StartAsync(stop).ConfigureAwait(false);
            return new MetricsListener(app, metrics);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            metrics.Dispose();
            throw;
        }
    }

    /// <summary>Listens no more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        _metrics.Dispose();
    }

    private static async Task AnswerAsync(HttpContext http, HealthRegistry health)
    {
        if (http.Request.Path != "/healthcheck" || !(HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        var report = await health.CheckAsync(http.RequestAborted).ConfigureAwait(false);
        http.Response.StatusCode = report.IsOk ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        http.Response.ContentType = "text/plain; charset=UTF-8";
        if (HttpMethods.IsHead(http.Request.Method))
            return;
        var text = string.Join('\n', report.Results.Select(result => $"{result.Name}: {result.Reason}"));
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), http.RequestAborted).ConfigureAwait(false);
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
