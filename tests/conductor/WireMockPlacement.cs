using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using WireMock;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;
using WireMock.Settings;
using WireMock.Types;
using WireMock.Util;

namespace Cyborg.Conductor.Tests;

/// <summary>The inventories of a Placement, with its rule of generations, on a free port.</summary>
internal sealed class WireMockPlacement : IDisposable
{
    private readonly WireMockServer _server;
    private readonly ConcurrentDictionary<Guid, (int Generation, JsonObject Inventories)> _providers = new();
    private int _writes;

    public WireMockPlacement()
    {
        _server = WireMockServer.Start(new WireMockServerSettings { Urls = ["http://127.0.0.1:0"], StartTimeout = 60_000 });
        _server.Given(Request.Create().WithPath("/resource_providers/*/inventories").UsingGet()).RespondWith(Response.Create().WithCallback(Read));
        _server.Given(Request.Create().WithPath("/resource_providers/*/inventories").UsingPut()).RespondWith(Response.Create().WithCallback(Write));
    }

    public string Url => _server.Url!;

    /// <summary>How many writes it took.</summary>
    public int Writes => _writes;

    /// <summary>What it answers to everything; null if it works.</summary>
    public int? Trouble { get; set; }

    /// <summary>Happens after a provider was read and before the answer goes out.</summary>
    public Action<Guid> AfterRead { get; set; } = _ => { };

    public void Add(Guid provider, string resourceClass, int total, int reserved = 0) => _providers[provider] = (0, new JsonObject
    {
        [resourceClass] = new JsonObject
        {
            ["total"] = total,
            ["reserved"] = reserved,
            ["min_unit"] = 1,
            ["max_unit"] = total,
            ["step_size"] = 1,
            ["allocation_ratio"] = 1.0,
        },
    });

    /// <summary>As another writer does.</summary>
    public void Change(Guid provider, string resourceClass, int reserved)
    {
        var (generation, inventories) = _providers[provider];
        inventories[resourceClass]!["reserved"] = reserved;
        _providers[provider] = (generation + 1, inventories);
    }

    public int Reserved(Guid provider, string resourceClass) => _providers[provider].Inventories[resourceClass]!["reserved"]!.GetValue<int>();

    public void Dispose()
    {
        _server.Stop();
        _server.Dispose();
    }

    private ResponseMessage Read(IRequestMessage request)
    {
        if (Trouble is { } trouble)
            return Reply(trouble, new JsonObject());
        var uuid = Uuid(request);
        if (!_providers.TryGetValue(uuid, out var provider))
            return Fault(404, "placement.undefined_code");
        var answer = Body(provider);
        AfterRead(uuid);
        return Reply(200, answer);
    }

    private ResponseMessage Write(IRequestMessage request)
    {
        if (Trouble is { } trouble)
            return Reply(trouble, new JsonObject());
        var uuid = Uuid(request);
        var body = JsonNode.Parse(request.Body!)!;
        if (body["resource_provider_generation"]!.GetValue<int>() != _providers[uuid].Generation)
            return Fault(409, "placement.concurrent_update");
        _writes++;
        return Reply(200, Body(_providers[uuid] = (_providers[uuid].Generation + 1, (JsonObject)body["inventories"]!.DeepClone())));
    }

    private static Guid Uuid(IRequestMessage request) => Guid.Parse(request.Path.Split('/')[^2]);

    private static JsonObject Body((int Generation, JsonObject Inventories) provider) =>
        new() { ["resource_provider_generation"] = provider.Generation, ["inventories"] = provider.Inventories.DeepClone() };

    private static ResponseMessage Fault(int status, string code) => Reply(status, new JsonObject
    {
        ["errors"] = new JsonArray(new JsonObject { ["status"] = status, ["title"] = "Fault", ["detail"] = "As it is.", ["code"] = code }),
    });

    private static ResponseMessage Reply(int status, JsonObject body)
    {
        var answer = new ResponseMessage { StatusCode = status, BodyData = new BodyData { DetectedBodyType = BodyType.String, BodyAsString = body.ToJsonString() } };
        answer.AddHeader("Content-Type", "application/json");
        return answer;
    }
}
