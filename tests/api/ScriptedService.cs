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
    private readonly Func<Action<BusServer>, Task<BusServer>> _serve;

    private ScriptedService(Func<Action<BusServer>, Task<BusServer>> serve, WebApplication api, BusServer conductor)
    {
        _serve = serve;
        _api = api;
        _conductor = conductor;
        Client = new HttpClient { BaseAddress = new Uri(api.Urls.Single()) };
        Client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
    }

    public HttpClient Client { get; }

    /// <summary>Starts both.</summary>
    /// <param name="script">What the conductor says.</param>
    /// <param name="configure">Changes the API's configuration.</param>
    /// <param name="health">Checks beside the API's own.</param>
    /// <param name="time">The clock of both; null for the machine's.</param>
    public static async Task<ScriptedService> StartAsync(
        Action<BusServer> script, Func<CyborgConfig, CyborgConfig>? configure = null, HealthRegistry? health = null, TimeProvider? time = null)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var hub = new InProcessBus();
        Task<BusServer> Serve(Action<BusServer> map) => ServeAsync(hub, map, time ?? TimeProvider.System);
        var conductor = await Serve(script);
        var config = CyborgConfig.Parse([], ApiOptions.All).With(ApiOptions.PortOption, 0).With(ApiOptions.AuthStrategyOption, ApiOptions.NoAuth);
        var api = ApiRoom.Build(configure?.Invoke(config) ?? config, hub.Connect(), NullLoggerFactory.Instance, health, time);
        await api.StartAsync(cancellation);
        return new ScriptedService(Serve, api, conductor);
    }

    /// <summary>Another conductor beside the first; the test's to dispose.</summary>
    public Task<BusServer> StartConductorAsync(Action<BusServer> script) => _serve(script);

    private static async Task<BusServer> ServeAsync(InProcessBus hub, Action<BusServer> script, TimeProvider time)
    {
        var conductor = new BusServer(hub.Connect(), new BusOptions(), NullLoggerFactory.Instance, time);
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
