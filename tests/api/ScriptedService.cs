using System.Net.Http.Headers;
using Cyborg.Hosting;
using Cyborg.Messaging;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Api.Tests;

/// <summary>The API on a free port, with a conductor that says what the test tells it to.</summary>
internal sealed class ScriptedService : IAsyncDisposable
{
    private readonly WebApplication _api;
    private readonly BusServer _conductor;
    private readonly InProcessBus _hub;

    private ScriptedService(InProcessBus hub, WebApplication api, BusServer conductor)
    {
        _hub = hub;
        _api = api;
        _conductor = conductor;
        Client = new HttpClient { BaseAddress = new Uri(api.Urls.Single()) };
        Client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
    }

    public HttpClient Client { get; }

    public static async Task<ScriptedService> StartAsync(Action<BusServer> script, Func<CyborgConfig, CyborgConfig>? configure = null, HealthRegistry? health = null)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var hub = new InProcessBus();
        var conductor = await ServeAsync(hub, script);
        var config = CyborgConfig.Parse([], ApiOptions.All).With(ApiOptions.PortOption, 0).With(ApiOptions.AuthStrategyOption, ApiOptions.NoAuth);
        var api = ApiRoom.Build(configure?.Invoke(config) ?? config, hub.Connect(), NullLoggerFactory.Instance, health);
        await api.StartAsync(cancellation);
        return new ScriptedService(hub, api, conductor);
    }

    /// <summary>Another conductor beside the first; the test's to dispose.</summary>
    public Task<BusServer> StartConductorAsync(Action<BusServer> script) => ServeAsync(_hub, script);

    private static async Task<BusServer> ServeAsync(InProcessBus hub, Action<BusServer> script)
    {
        var conductor = new BusServer(hub.Connect(), new BusOptions(), NullLoggerFactory.Instance, TimeProvider.System);
        script(conductor);
        await conductor.StartAsync(TestContext.Current.CancellationToken);
        return conductor;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _api.DisposeAsync();
        await _conductor.DisposeAsync();
    }
}
