using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Cyborg.E2E.Tests;

/// <summary>Asks services over HTTP. Bodies have a length: Keystone and Placement read no others.</summary>
internal sealed class Rest : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromMinutes(5) };
    private readonly ConcurrentDictionary<string, bool> _answered = new();

    /// <summary>Sends a request; every status is an answer.</summary>
    /// <exception cref="HttpRequestException">Nobody answered.</exception>
    public async Task<Answer> AskAsync(
        HttpMethod method, string address, JsonNode? body, IEnumerable<(string Name, string Value)> headers, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, address);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString()));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }
        using var response = await _client.SendAsync(request, stop);
        if (response.Headers.TryGetValues("X-Openstack-Request-Id", out var ids)) _answered[ids.First()] = true;
        return new Answer($"{method} {address}", response.StatusCode, await response.Content.ReadAsStringAsync(stop), response.Headers);
    }

    /// <summary>True of the id of a request that was sent by this.</summary>
    public bool HasAsked(string requestId) => _answered.ContainsKey(requestId);

    public void Dispose() => _client.Dispose();
}
