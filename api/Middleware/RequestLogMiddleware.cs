using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Cyborg.Api.Middleware;

/// <summary>One line of log for each request, with what it came to and how long it took.</summary>
internal sealed class RequestLogMiddleware(RequestDelegate next, TimeProvider time, ILogger<RequestLogMiddleware> log)
{
    /// <summary>Runs the middleware.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        var started = time.GetTimestamp();
        var path = http.Request.Path;
        await next(http).ConfigureAwait(false);
        log.RequestDone(http.Request.Method, path, http.Response.StatusCode, (long)time.GetElapsedTime(started).TotalMilliseconds);
    }
}
