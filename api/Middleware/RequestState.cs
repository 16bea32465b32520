using Cyborg.Api.Versions;
using Cyborg.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Cyborg.Api.Middleware;

/// <summary>What the steps of the pipeline find out about one request, for those that follow.</summary>
/// <param name="id">Our own id, <c>req-UUID</c>; goes into the answer, the log and the bus.</param>
/// <param name="globalId">The one that the caller gave; null if none. Goes on to the bus and the log, and is never echoed.</param>
internal sealed class RequestState(string id, string? globalId)
{
    /// <summary>Header of both ids, in different directions.</summary>
    public const string IdHeader = "x-openstack-request-id";

    /// <summary>Our own id.</summary>
    public string Id { get; } = id;

    /// <summary>The caller's id.</summary>
    public string? GlobalId { get; } = globalId;

    /// <summary>The path; from <see cref="PathMiddleware"/> on.</summary>
    public RequestPath Path { get; set; }

    /// <summary>The version; from <see cref="MicroversionMiddleware"/> on, and only of paths that have one.</summary>
    public Microversion? Version { get; set; }

    /// <summary>That of a request.</summary>
    public static RequestState Of(HttpContext http) => http.Features.GetRequiredFeature<RequestState>();
}

/// <summary>Gives every request its id (upstream: oslo.middleware request_id).</summary>
internal sealed class RequestIdMiddleware(RequestDelegate next, ILogger<RequestIdMiddleware> log)
{
    /// <summary>Runs the middleware.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        var given = http.Request.Headers[RequestState.IdHeader].ToString();
        var state = new RequestState(RequestId.New(), RequestId.IsValid(given) ? given : null);
        http.Features.Set(state);
        http.TraceIdentifier = state.Id;
        http.Response.Headers[RequestState.IdHeader] = state.Id;
        using (log.BeginRequest(state.Id))
            await next(http).ConfigureAwait(false);
    }
}
