using System.Buffers;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Cyborg.Api.Calls;
using Cyborg.Api.Health;
using Cyborg.Hosting;
using Cyborg.Hosting.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Cyborg.Api.Middleware;

/// <summary>Answers <c>/healthcheck</c> as oslo.middleware does, without a token: GET 200 or 503 with the reasons, HEAD 204 or 503. Plain text,
/// or JSON for who accepts only that.</summary>
internal sealed class HealthcheckMiddleware(RequestDelegate next, ApiOptions options, HealthRegistry checks)
{
    private static readonly string Version =
        typeof(HealthcheckMiddleware).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private readonly PathString _path = options.Health.Path, _mounted = RequestPath.WellKnownMount + options.Health.Path;

    /// <summary>Runs the middleware.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        var mine = http.Request.Path == _path || http.Request.Path == _mounted;
        return mine && MayAsk(http) ? AnswerAsync(http) : next(http);
    }

    private bool MayAsk(HttpContext http) =>
        (options.Health.Sources?.Contains(http.Connection.RemoteIpAddress) ?? true) && !(options.Health.IgnoreProxied && SourceRanges.IsProxied(http));

    private string? Disabled(HttpContext http)
    {
        var health = options.Health;
        if (health.Backends.Contains(HealthSettings.DisableByFile) && health.DisableFile is { } file && File.Exists(file))
            return HealthSettings.DisableByFile;
        return health.Backends.Contains(HealthSettings.DisableByPort)
            && health.DisableFiles.Any(one => one.Port == http.Connection.LocalPort && File.Exists(one.Path))
                ? HealthSettings.DisableByPort
                : null;
    }

    private async Task AnswerAsync(HttpContext http)
    {
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            http.Response.Headers.Allow = "GET, HEAD";
            return;
        }
        var report = await checks.CheckAsync(http.RequestAborted).ConfigureAwait(false);
        if (Disabled(http) is { } disabled)
            report = new HealthReport([.. report.Results, new HealthResult(disabled, false, "DISABLED BY FILE")]);
        http.Response.StatusCode = report.IsOk
            ? HttpMethods.IsHead(http.Request.Method) ? StatusCodes.Status204NoContent : StatusCodes.Status200OK
            : StatusCodes.Status503ServiceUnavailable;
        if (HttpMethods.IsHead(http.Request.Method))
            return;
        var json = http.Request.Headers.Accept.ToString().Contains("json", StringComparison.OrdinalIgnoreCase);
        var body = json ? Json(report) : Encoding.UTF8.GetBytes(options.Health.Detailed ? DetailedText(report) : report.ToPlainText());
        http.Response.ContentType = json ? Reply.ContentType : "text/plain; charset=UTF-8";
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted).ConfigureAwait(false);
    }

    private static string DetailedText(HealthReport report) =>
        string.Join('\n', report.Results.Select(result => $"{result.Name}: {result.Reason}").Prepend($"version: {Version}"));

    private byte[] Json(HealthReport report)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Reply.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteBoolean("detailed", options.Health.Detailed);
            if (options.Health.Detailed)
                writer.WriteString("version", Version);
            writer.WriteStartArray("reasons");
            foreach (var result in report.Results)
            {
                if (options.Health.Detailed)
                    WriteDetail(writer, result);
                else if (!result.IsOk)
                    writer.WriteStringValue($"{result.Name}: {result.Reason}");
            }
            if (report.IsOk && !options.Health.Detailed)
                writer.WriteStringValue("OK");
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteDetail(Utf8JsonWriter writer, HealthResult result)
    {
        writer.WriteStartObject();
        writer.WriteString("class", result.Name);
        writer.WriteString("details", result.Reason);
        writer.WriteString("reason", result.IsOk ? "OK" : result.Reason);
        writer.WriteEndObject();
    }
}
