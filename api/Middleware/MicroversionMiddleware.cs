using Cyborg.Api.Versions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Cyborg.Api.Middleware;

/// <summary>Settles the microversion of each request to v1 and v2 and says it in the answer, errors of the router included (upstream forgets those).</summary>
internal sealed class MicroversionMiddleware(RequestDelegate next, ILogger<MicroversionMiddleware> log)
{
    /// <summary>Runs the middleware.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        var path = http.Features.GetRequiredFeature<NormalisedPath>().Value;
        if (!path.IsV1 && !path.IsV2)
            return next(http);
        var (min, max) = path.IsV1 ? (MicroversionsV1.Min, MicroversionsV1.Max) : (Microversions.Min, Microversions.Max);
        var headers = http.Response.Headers;
        headers[MicroversionRequest.MinHeader] = min.ToString();
        headers[MicroversionRequest.MaxHeader] = max.ToString();
        headers.Append("Vary", MicroversionRequest.Header);
        var asked = http.Request.Headers[MicroversionRequest.Header];
        var version = MicroversionRequest.Negotiate(asked.Count == 0 ? null : string.Join(',', asked!), min, max, out var bare);
        if (bare)
            log.BareMicroversion(MicroversionRequest.ServiceType);
        headers[MicroversionRequest.Header] = $"{MicroversionRequest.ServiceType} {version}";
        http.Features.Set<Microversion?>(version);
        return next(http);
    }
}
