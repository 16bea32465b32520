using Cyborg.Api.Versions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Cyborg.Api.Middleware;

/// <summary>Settles the microversion of each request to v1 and v2 and says it in the answer, errors of the router included (upstream forgets those).</summary>
internal sealed class MicroversionMiddleware(RequestDelegate next, ILogger<MicroversionMiddleware> log)
{
    private static readonly ServedVersions Of1 = new(MicroversionsV1.Min, MicroversionsV1.Max), Of2 = new(Microversions.Min, Microversions.Max);

    /// <summary>Runs the middleware.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        var state = RequestState.Of(http);
        if (!state.Path.IsV1 && !state.Path.IsV2)
            return next(http);
        var served = state.Path.IsV1 ? Of1 : Of2;
        var headers = http.Response.Headers;
        headers[MicroversionRequest.MinHeader] = served.MinText;
        headers[MicroversionRequest.MaxHeader] = served.MaxText;
        headers.Append("Vary", MicroversionRequest.Header);
        var asked = http.Request.Headers[MicroversionRequest.Header];
        var version = MicroversionRequest.Negotiate(asked.Count == 0 ? null : string.Join(',', asked!), served.Min, served.Max, out var bare);
        if (bare)
            log.BareMicroversion(MicroversionRequest.ServiceType);
        headers[MicroversionRequest.Header] = served.Answer(version);
        state.Version = version;
        return next(http);
    }

    /// <summary>The versions of one major version, with what the headers of an answer say of them.</summary>
    private sealed class ServedVersions(Microversion min, Microversion max)
    {
        private readonly string[] _answers =
            [.. Enumerable.Range(min.Minor, max.Minor - min.Minor + 1).Select(minor => $"{MicroversionRequest.ServiceType} {new Microversion(min.Major, minor)}")];

        public Microversion Min => min;

        public Microversion Max => max;

        public string MinText { get; } = min.ToString();

        public string MaxText { get; } = max.ToString();

        /// <summary>The header of an answer in a version that is served.</summary>
        public string Answer(Microversion version) => _answers[version.Minor - min.Minor];
    }
}
