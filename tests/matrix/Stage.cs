using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cyborg.Agent;
using Cyborg.Api;
using Cyborg.Hosting;
using Cyborg.Standalone;
using Cyborg.TestServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Matrix.Tests;

/// <summary>A request.</summary>
internal sealed record Ask(HttpMethod Method, string Path, string? Body)
{
    /// <summary>OpenStack-API-Version; null for none.</summary>
    public string? Version { get; init; }

    public static Ask Get(string path) => new(HttpMethod.Get, path, null);

    public static Ask Delete(string path) => new(HttpMethod.Delete, path, null);
}

/// <summary>The whole service in this process behind a fake Keystone, with a device, a profile, and requests of the first project. What a
/// request changes or deletes is made for it alone.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private const string Host = "matrix";

    private readonly string _folder = Directory.CreateTempSubdirectory("cyborg-matrix-").FullName;
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private readonly WireMockKeystone _keystone = WireMockKeystone.Start();
    private readonly Dictionary<string, string?> _tokens = [];
    private readonly List<string> _bound = [];
    private readonly string _service;
    private StandaloneRoom? _room;

    private Stage()
    {
        foreach (var persona in Personas.All)
            _tokens[persona.Name] = persona.Token is { } token ? _keystone.AddToken(token) : persona.Name == Personas.NoToken ? null : "gAAAAABnobody-knows-this-token";
        _service = _keystone.AddToken(FakeToken.Service);
    }

    public string Profile { get; } = "matrix";

    public string ProfileUuid { get; private set; } = "";

    public string Device { get; private set; } = "";

    public string Deployable { get; private set; } = "";

    private string Provider { get; set; } = "";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<Stage> OpenAsync(bool enforceNewDefaults)
    {
        var stage = new Stage();
        var config = CyborgConfig.Parse([new ConfigSource("cyborg.conf", stage._keystone.Section())], StandaloneRoom.Options)
            .With(ApiOptions.AuthStrategyOption, ApiOptions.Keystone)
            .With(ApiOptions.PortOption, 0)
            .With(PolicyOptions.EnforceNewDefaultsOption, enforceNewDefaults)
            .With(PolicyOptions.FileOption, Path.Combine(stage._folder, "no-policy.yaml"))
            .With(SharedOptions.HostOption, Host)
            .With(AgentOptions.EnabledDriversOption, ["fake_driver"]);
        stage._room = await StandaloneRoom.StartAsync(config, Path.Combine(stage._folder, "data"), NullLoggerFactory.Instance, TimeProvider.System, Stop);
        await stage._room.FirstReport.WaitAsync(TimeSpan.FromMinutes(2), Stop);
        var profile = $$"""[{"name": "{{stage.Profile}}", "groups": [{"resources:FPGA": "1"}]}]""";
        stage.ProfileUuid = Text((await stage.MakeAsync(new Ask(HttpMethod.Post, "/v2/device_profiles", profile)))["uuid"]);
        stage.Device = Text((await stage.MakeAsync(Ask.Get("/v2/devices")))["devices"]![0]!["uuid"]);
        var deployable = (await stage.MakeAsync(Ask.Get("/v2/deployables")))["deployables"]![0]!;
        (stage.Deployable, stage.Provider) = (Text(deployable["uuid"]), Text(deployable["rp_uuid"]));
        return stage;
    }

    /// <summary>Sends a request as a persona.</summary>
    public async Task<(int Status, string Body)> SendAsync(Ask ask, string persona, bool isPassedOn)
    {
        using var request = new HttpRequestMessage(ask.Method, new Uri(_room!.Address, ask.Path));
        if (_tokens[persona] is { } token)
            request.Headers.Add("X-Auth-Token", token);
        if (ask.Version is not null)
            request.Headers.Add("OpenStack-API-Version", ask.Version);
        if (isPassedOn)
            request.Headers.Add("X-Service-Token", _service);
        if (ask.Body is not null)
            request.Content = new StringContent(ask.Body, new MediaTypeHeaderValue("application/json"));
        using var answer = await _client.SendAsync(request, Stop);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    /// <summary>Gives back the handles that the last request took or left taken.</summary>
    public async Task CleanUpAsync()
    {
        foreach (var arq in _bound)
            await SendAsync(Ask.Delete($"/v2/accelerator_requests?arqs={arq}"), "admin", isPassedOn: true);
        _bound.Clear();
    }

#pragma warning disable CA1822 // The rows of the matrix read the better for it: every request comes from the stage.
    public Task<Ask> Get(string path, string? version = null) => Task.FromResult(Ask.Get(path) with { Version = version });

    public Task<Ask> Delete(string path, string? version = null) => Task.FromResult(Ask.Delete(path) with { Version = version });

    public Task<Ask> Put(string path, string body, string? version = null) =>
        Task.FromResult(new Ask(HttpMethod.Put, path, body) { Version = version });

    public Task<Ask> Post(string path, string? body) => Task.FromResult(new Ask(HttpMethod.Post, path, body));

    public Task<Ask> Program(bool again)
    {
        var uuid = Guid.NewGuid();
        return Task.FromResult(new Ask(
            HttpMethod.Patch,
            $"/v2/deployables/{uuid}/program{(again ? "/" + uuid : "")}",
            $$"""[{"path": "/program", "op": "replace", "value": [{"image_uuid": "{{Guid.NewGuid()}}"}]}]"""));
    }

    public string NewProfile() => $$"""[{"name": "p-{{Guid.NewGuid():N}}", "groups": [{"resources:FPGA": "1"}]}]""";
#pragma warning restore CA1822

    public string NewAttribute() => $$"""{"deployable_id": "{{Deployable}}", "key": "k-{{Guid.NewGuid():N}}", "value": "v"}""";

    public async Task<string> MakeProfileAsync() => Text((await MakeAsync(new Ask(HttpMethod.Post, "/v2/device_profiles", NewProfile())))["name"]);

    public async Task<string> MakeAttributeAsync() => Text((await MakeAsync(new Ask(HttpMethod.Post, "/v2/attributes", NewAttribute())))["uuid"]);

    /// <summary>A request of the first project, bound to nothing.</summary>
    public async Task<string> MakeArqAsync()
    {
        var body = $$"""{"device_profile_name": "{{Profile}}"}""";
        return Text((await MakeAsync(new Ask(HttpMethod.Post, "/v2/accelerator_requests", body), "member"))["arqs"]![0]!["uuid"]);
    }

    /// <summary>A request of the first project, bound to an instance.</summary>
    public async Task<string> MakeBoundArqAsync()
    {
        var bind = await BindAsync();
        await MakeAsync(bind, "member", isPassedOn: true);
        return _bound[^1];
    }

    /// <summary>Binds a request of the first project.</summary>
    public async Task<Ask> BindAsync()
    {
        var arq = await MakeArqAsync();
        _bound.Add(arq);
        return new Ask(
            HttpMethod.Patch,
            "/v2/accelerator_requests",
            $$"""
            {"{{arq}}": [{"path": "/hostname", "op": "add", "value": "{{Host}}"},
                         {"path": "/device_rp_uuid", "op": "add", "value": "{{Provider}}"},
                         {"path": "/instance_uuid", "op": "add", "value": "{{Guid.NewGuid()}}"}]}
            """);
    }

    /// <summary>Unbinds a request of the first project that is bound.</summary>
    public async Task<Ask> UnbindAsync(bool inPath = false)
    {
        var arq = await MakeBoundArqAsync();
        return new Ask(
            HttpMethod.Patch,
            "/v2/accelerator_requests" + (inPath ? "/" + arq : ""),
            $$"""{"{{arq}}": [{"path": "/instance_uuid", "op": "remove"}]}""");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_room is not null)
            await _room.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        await _keystone.DisposeAsync();
    }

    private async Task<JsonNode> MakeAsync(Ask ask, string persona = "admin", bool isPassedOn = false)
    {
        // An administrator has every role that the new defaults ask for.
        var (status, body) = await SendAsync(ask, persona, isPassedOn);
        Assert.True(status < 300, $"{ask.Method} {ask.Path}: {status} {body}");
        return body.Length == 0 ? JsonValue.Create(true) : JsonNode.Parse(body)!;
    }

    private static string Text(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : throw new InvalidOperationException("no text");
}

/// <summary>A stage for each set of defaults.</summary>
public sealed class Stages : IAsyncLifetime
{
    private Stage? _old;
    private Stage? _strict;

    internal Stage For(bool enforceNewDefaults) => (enforceNewDefaults ? _strict : _old)!;

    public async ValueTask InitializeAsync() =>
        (_old, _strict) = (await Stage.OpenAsync(enforceNewDefaults: false), await Stage.OpenAsync(enforceNewDefaults: true));

    public async ValueTask DisposeAsync()
    {
        if (_old is not null)
            await _old.DisposeAsync();
        if (_strict is not null)
            await _strict.DisposeAsync();
    }
}
