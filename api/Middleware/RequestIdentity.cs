using Cyborg.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Cyborg.Api.Middleware;

/// <summary>The ids of one request.</summary>
/// <param name="Id">Our own, <c>req-UUID</c>; goes into the answer, the log and the bus.</param>
/// <param name="GlobalId">The one that the caller gave; null if none. Goes on to the bus and the log, and is never echoed.</param>
internal sealed record RequestIdentity(string Id, string? GlobalId)
{
    /// <summary>Header of both, in different directions.</summary>
    public const string Header = "x-openstack-request-id";
}

/// <summary>Gives every request its id (upstream: oslo.middleware request_id).</summary>
internal sealed class RequestIdMiddleware(RequestDelegate next, ILogger<RequestIdMiddleware> log)
{
    /// <summary>Runs the middleware.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        var given = http.Request.Headers[RequestIdentity.Header].ToString();
        var identity = new RequestIdentity(RequestId.New(), RequestId.IsValid(given) ? given : null);
        http.Features.Set(identity);
        http.TraceIdentifier = identity.Id;
        http.Response.Headers[RequestIdentity.Header] = identity.Id;
        using (log.BeginRequest(identity.Id))
            await next(http).ConfigureAwait(false);
    }
}
