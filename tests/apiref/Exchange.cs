using Cyborg.Api.Middleware;

namespace Cyborg.ApiRef.Tests;

/// <summary>A request, and what it was answered.</summary>
internal sealed record Exchange(string Method, Uri Url, string RequestBody, int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    /// <summary>The path as the route table knows it; two are answered before that table is looked at.</summary>
    public RequestPath Path { get; } = Url.AbsolutePath is "/healthcheck" or "/metrics" ? new RequestPath("", Url.AbsolutePath) : RequestPath.Normalise(Url.AbsolutePath);

    /// <summary>Names of the query's arguments, decoded.</summary>
    public IEnumerable<string> Arguments => Url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(argument => Uri.UnescapeDataString(argument.Split('=')[0]));

    /// <summary>The microversion of the answer; null if it does not say one.</summary>
    public string? Version => Headers.TryGetValue("OpenStack-API-Version", out var value) ? value.Split(' ')[1] : null;

    public override string ToString() => $"{Method} {Url.PathAndQuery} -> {Status} {(Body.Length <= 300 ? Body : Body[..300] + "...")}";
}

/// <summary>Writes down what passes.</summary>
internal sealed class Recorder(List<Exchange> exchanges) : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var sent = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var answer = await base.SendAsync(request, cancellationToken);
        await answer.Content.LoadIntoBufferAsync(cancellationToken);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        var headers = answer.Headers.Concat(answer.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        exchanges.Add(new Exchange(request.Method.Method, request.RequestUri!, sent, (int)answer.StatusCode, headers, body));
        return answer;
    }
}
