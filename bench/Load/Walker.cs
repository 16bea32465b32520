using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cyborg.Bench;

/// <summary>What Nova does for one server: creates an accelerator request, binds it, looks whether it is resolved, and deletes it.</summary>
internal sealed class Walker : IDisposable
{
    public const string Profile = "bench";

    private readonly HttpClient _client;

    /// <summary>A walker with connections of its own.</summary>
    /// <param name="port">Port of the API.</param>
    public Walker(int port)
    {
        _client = new HttpClient(new SocketsHttpHandler { UseCookies = false, UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}/v2/") };
        _client.DefaultRequestHeaders.Add("X-Auth-Token", Keystone.Token);
        // As Nova's: a user's request, passed on by a service.
        _client.DefaultRequestHeaders.Add("X-Service-Token", Keystone.Token);
        _client.DefaultRequestHeaders.Add("OpenStack-API-Version", "accelerator 2.0");
    }

    /// <summary>Makes the device profile that all walks use.</summary>
    public async Task MakeProfileAsync() =>
        await SendAsync(HttpMethod.Post, "device_profiles", new JsonArray(new JsonObject
        {
            ["name"] = Profile,
            ["groups"] = new JsonArray(new JsonObject { ["resources:PGPU"] = "1" }),
        }));

    /// <summary>The whole walk.</summary>
    public async Task WalkAsync(Guid provider)
    {
        var (arq, instance) = (await CreateAsync(), Guid.NewGuid());
        await BindAsync(arq, provider, instance);
        await ListAsync(instance);
        await DeleteAsync(arq);
    }

    public async Task<Guid> CreateAsync()
    {
        var made = await SendAsync(HttpMethod.Post, "accelerator_requests", new JsonObject { ["device_profile_name"] = Profile });
        return made!.RootElement.GetProperty("arqs")[0].GetProperty("uuid").GetGuid();
    }

    public async Task BindAsync(Guid arq, Guid provider, Guid instance) =>
        await SendAsync(HttpMethod.Patch, "accelerator_requests", new JsonObject
        {
            [arq.ToString()] = new JsonArray(Add("hostname", "bench"), Add("device_rp_uuid", provider.ToString()), Add("instance_uuid", instance.ToString())),
        });

    public async Task ListAsync(Guid instance)
    {
        using var found = await SendAsync(HttpMethod.Get, $"accelerator_requests?instance={instance}&bind_state=resolved", null);
        if (found!.RootElement.GetProperty("arqs").GetArrayLength() != 1)
            throw new InvalidOperationException("the request of an instance is not listed as resolved");
    }

    public async Task DeleteAsync(Guid arq) => await SendAsync(HttpMethod.Delete, $"accelerator_requests?arqs={arq}", null);

    public void Dispose() => _client.Dispose();

    private async Task<JsonDocument?> SendAsync(HttpMethod method, string path, JsonNode? body)
    {
        using var message = new HttpRequestMessage(method, path);
        if (body is not null)
            message.Content = JsonContent.Create(body);
        using var answer = await _client.SendAsync(message);
        var text = await answer.Content.ReadAsByteArrayAsync();
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{method} {path} answered {(int)answer.StatusCode}: {System.Text.Encoding.UTF8.GetString(text)}");
        return text.Length == 0 ? null : JsonDocument.Parse(text);
    }

    private static JsonObject Add(string path, string value) => new() { ["op"] = "add", ["path"] = "/" + path, ["value"] = value };
}
