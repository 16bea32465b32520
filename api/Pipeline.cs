using Cyborg.Api.Calls;
using Cyborg.Api.Middleware;
using Cyborg.Hosting.Telemetry;
using Cyborg.Identity.Keystone;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace Cyborg.Api;

/// <summary>The way of a request, in order. Each line says why it stands where it stands.</summary>
internal static class Pipeline
{
    public static void UsePipeline(this WebApplication app, ApiServices services)
    {
        // First, so that every answer has the id, whoever writes it, and every log line below, too.
        app.UseMiddleware<RequestIdMiddleware>();

        // The line it writes tells what the client really got, so nothing that answers stands before it.
        app.UseMiddleware<RequestLogMiddleware>();

        // What it measures and traces is what the client really got, too.
        app.UseMiddleware<TelemetryMiddleware>();

        // Before all that looks at scheme, host or address: a proxy's word replaces the connection's.
        if (services.Options.ProxyHeaders)
            app.UseForwardedHeaders();

        // Before authentication: a browser's preflight has no token. Outside of the errors, so that a page may read them.
        if (services.Options.Cors is not null)
            app.UseCors();

        // Around all that may throw or end without a body.
        app.UseMiddleware<ErrorMiddleware>();

        // Likewise, and to the monitoring alone.
        app.UseMetrics(app.Services.GetRequiredService<MeterProvider>(), services.Options.MetricsFrom.Contains);

        // Before the path is changed and before authentication: a load balancer has no token.
        app.UseMiddleware<HealthcheckMiddleware>();

        // Before everything that compares paths: mount, missing version, ".json" and last slash are settled here.
        app.UseMiddleware<PathMiddleware>();

        // Before microversion and routes: who is not known learns nothing, not even which paths there are.
        if (services.Options.AuthToken is null)
            app.UseAuthentication();
        else
            app.UseKeystone();
        app.UseMiddleware<AuthenticationGate>();

        // Before the router, because its 404 and 405 say the microversion, too, and a version that is not served wins over both.
        app.UseMiddleware<MicroversionMiddleware>();

        // Last: find the handler. Accept header and policy are checked with it, for they depend on the route.
        app.UseRouting();
        app.MapRoutes(services);
    }
}
