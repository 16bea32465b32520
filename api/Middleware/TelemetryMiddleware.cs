using System.Diagnostics;
using Cyborg.Api.Telemetry;
using Cyborg.Hosting.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Cyborg.Api.Middleware;

/// <summary>Measures each request by its route, and gives the span that the web server has begun its name. What monitoring asks is neither measured nor
/// traced.</summary>
internal sealed class TelemetryMiddleware(RequestDelegate next, ApiOptions options, TimeProvider time)
{
    private static readonly PathString _metrics = Metering.Path;

    private static readonly HashSet<string> Methods = new(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"], StringComparer.Ordinal);

    private readonly PathString _health = options.Health.Path, _mountedHealth = RequestPath.WellKnownMount + options.Health.Path;

    /// <summary>Runs the middleware.</summary>
    public Task InvokeAsync(HttpContext http) => IsMonitoring(http.Request.Path) ? PassAsync(http) : MeasureAsync(http);

    private bool IsMonitoring(PathString path) =>
        path == _metrics || path == _health || path == _mountedHealth;

    private Task PassAsync(HttpContext http)
    {
        if (Activity.Current is { } activity)
        {
            activity.IsAllDataRequested = false;
            activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
        return next(http);
    }

    private async Task MeasureAsync(HttpContext http)
    {
        // The server's span: what is begun below is a child of it.
        var activity = Activity.Current;
        var started = time.GetTimestamp();
        // The word of the request: a later step may rewrite it, and another word of a client's own is not worth a series.
        var method = Methods.Contains(http.Request.Method) ? http.Request.Method : "_OTHER";
        ApiMetrics.Active.Add(1);
        try
        {
            await next(http).ConfigureAwait(false);
        }
        finally
        {
            ApiMetrics.Active.Add(-1);
            // Paths that lead nowhere are one series: a scanner must not make a thousand.
            var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
            var tags = new TagList { { "method", method }, { "route", route ?? "none" }, { "status", http.Response.StatusCode } };
            ApiMetrics.Requests.Record(time.GetElapsedTime(started).TotalSeconds, tags);
            if (activity is { IsAllDataRequested: true })
                Describe(activity, http, method, route);
        }
    }

    private static void Describe(Activity activity, HttpContext http, string method, string? route)
    {
        activity.DisplayName = route is null ? method : $"{method} {route}";
        activity.SetTag("http.request.method", method);
        activity.SetTag("http.route", route);
        activity.SetTag("http.response.status_code", http.Response.StatusCode);
        activity.SetTag("cyborg.request_id", RequestState.Of(http).Id);
        if (http.Response.StatusCode >= 500)
            activity.SetStatus(ActivityStatusCode.Error);
    }
}
