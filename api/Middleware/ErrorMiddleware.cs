using Cyborg.Api.Calls;
using Cyborg.Api.Errors;
using Cyborg.Model;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Cyborg.Api.Middleware;

/// <summary>Turns every exception and every bare 404 or 405 of the router into the error body of the API. Nothing of an exception that is
/// no intended error reaches the client; it is logged under the request's id.</summary>
internal sealed class ErrorMiddleware(RequestDelegate next, ApiOptions options, ILogger<ErrorMiddleware> log)
{
    // nginx's number for a client that went away; nobody reads it but the log.
    private const int ClientClosedRequest = 499;

    /// <summary>Runs the middleware.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http).ConfigureAwait(false);
            if (http.Response is { HasStarted: false, StatusCode: 404 or 405, ContentLength: null })
                await WriteAsync(http, ErrorBody.Abort(http.Response.StatusCode, "", Accepts.NamesJson(http.Request))).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            http.Response.StatusCode = ClientClosedRequest;
        }
        catch (Exception fault) when (!http.Response.HasStarted)
        {
            await AnswerAsync(http, fault).ConfigureAwait(false);
        }
    }

    private Task AnswerAsync(HttpContext http, Exception fault)
    {
        var known = HttpFaults.Of(fault);
        var status = known.StatusFor(options.UpstreamFaultCodes);
        if (fault is not (ApiException or FaultException or BadHttpRequestException))
            log.RequestBroke(fault, http.Request.Method, http.Request.Path);
        else if (known.Status >= 500)
            log.RequestFaulted(fault, http.Request.Method, http.Request.Path, (fault as FaultException)?.Code ?? FaultCode.Internal);
        http.Response.StatusCode = status;
        if (known.RetryAfter is { } seconds)
            http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return WriteAsync(http, Body(http, known, status, fault));
    }

    private static byte[] Body(HttpContext http, HttpFault known, int status, Exception fault) => known.Form switch
    {
        FaultForm.Null => ErrorBody.Null,
        FaultForm.Abort => ErrorBody.Abort(status, fault.Message, Accepts.NamesJson(http.Request)),
        _ when known.Status == StatusCodes.Status500InternalServerError && known.Text is { } text =>
            ErrorBody.Fault(status, $"{text} It is in the log under {RequestState.Of(http).Id}."),
        _ => ErrorBody.Fault(status, known.Text ?? fault.Message),
    };

    private static Task WriteAsync(HttpContext http, byte[] body)
    {
        http.Response.ContentType = Reply.ContentType;
        http.Response.ContentLength = body.Length;
        return http.Response.Body.WriteAsync(body).AsTask();
    }
}
