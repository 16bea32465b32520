using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Cyborg.Agent;
using Cyborg.Api;
using Cyborg.Hosting;
using Cyborg.Standalone;
using Cyborg.TestServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Functional.Tests;

/// <summary>A whole service whose binds have work on the host and a Nova to tell, for what the monitoring sees of it.</summary>
public sealed class ObservedService : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3), s_pause = TimeSpan.FromMilliseconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("cyborg-observed-").FullName;
    private StandaloneRoom? _room;
    private FakeNova? _nova;

    internal HttpClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _nova = await FakeNova.StartNewAsync();
        var nova = $"[nova]\nauth_type = none\nendpoint_override = {_nova.Endpoint}\norphan_check_interval = 0\n";
        var config = CyborgConfig.Parse([new ConfigSource("cyborg.conf", nova)], StandaloneRoom.Options)
            .With(ApiOptions.PortOption, 0)
            .With(SharedOptions.HostOption, "observed")
            .With(AgentOptions.EnabledDriversOption, ["fake_driver"])
            .With(AgentOptions.FakeHostWorkOption, true);
        _room = await StandaloneRoom.StartAsync(config, Path.Combine(_folder, "data"), NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
        await _room.FirstReport.WaitAsync(s_patience);
        Client = new HttpClient { BaseAddress = _room.Address };
        Client.DefaultRequestHeaders.Add("OpenStack-API-Version", "accelerator latest");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_room is not null)
            await _room.DisposeAsync();
        if (_nova is not null)
            await _nova.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Binds a new request to a new server, as Nova does; ends when Nova has been told.</summary>
    /// <param name="traceParent">Trace of the caller; null for none.</param>
    /// <param name="stop">Gives up.</param>
    internal async Task<Guid> BindAsync(string? traceParent, CancellationToken stop)
    {
        var provider = await ProviderAsync(stop);
        var profile = $"observed-{Guid.NewGuid():N}";
        await SendAsync(HttpMethod.Post, "/v2/device_profiles", $$"""[{"name": "{{profile}}", "groups": [{"resources:FPGA": "1"}]}]""", null, stop);
        var made = await SendAsync(HttpMethod.Post, "/v2/accelerator_requests", $$"""{"device_profile_name": "{{profile}}"}""", null, stop);
        var arq = Guid.Parse(made!["arqs"]![0]!["uuid"]!.ToString());
        var server = Guid.NewGuid();
        _nova!.Place(server, hasHost: true);
        var patch = $$"""
            {"{{arq}}": [{"path": "/hostname", "op": "add", "value": "observed"}, {"path": "/device_rp_uuid", "op": "add", "value": "{{provider}}"},
                         {"path": "/instance_uuid", "op": "add", "value": "{{server}}"}]}
            """;
        await SendAsync(HttpMethod.Patch, "/v2/accelerator_requests", patch, traceParent, stop);
        await UntilAsync(() => _nova.Accepted(server, arq, "completed"), stop);
        return arq;
    }

    /// <summary>Waits for something that happens by itself.</summary>
    internal static Task UntilAsync(Func<bool> so, CancellationToken stop) => UntilAsync(() => Task.FromResult(so()), stop);

    /// <summary>Waits for something that happens by itself.</summary>
    internal static async Task UntilAsync(Func<Task<bool>> so, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(s_patience);
        while (!await so())
            await Task.Delay(s_pause, patience.Token);
    }

    private async Task<string> ProviderAsync(CancellationToken stop)
    {
        // A device is offered when its driver has installed it.
        JsonNode? provider = null;
        await UntilAsync(
            async () =>
            {
                var found = await Client.GetFromJsonAsync<JsonObject>("/v1/accelerators?driver=fake_driver&state=ready", stop);
                provider = found!["accelerator"]!.AsArray() is [{ } one, ..] ? one["resource_provider_uuid"] : null;
                return provider is not null;
            },
            stop);
        return provider!.ToString();
    }

    private async Task<JsonNode?> SendAsync(HttpMethod method, string path, string body, string? traceParent, CancellationToken stop)
    {
        using var content = new StringContent(body, null, "application/json");
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Add("OpenStack-API-Version", "accelerator 2.0");
        if (traceParent is not null)
            request.Headers.Add("traceparent", traceParent);
        using var answer = await Client.SendAsync(request, stop);
        var text = await answer.Content.ReadAsStringAsync(stop);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? null : JsonNode.Parse(text);
    }
}
