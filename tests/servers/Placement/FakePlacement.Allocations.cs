using System.Text.Json.Nodes;

namespace Cyborg.TestServers;

/// <summary>Who has allocations in a <see cref="FakePlacement"/>.</summary>
/// <param name="Generation">Rises with each change of its allocations, from 1.</param>
/// <param name="Project">Its project.</param>
/// <param name="User">Its user.</param>
/// <param name="Type">Its type, as microversion 1.38 has it.</param>
public sealed record FakeConsumer(int Generation, string Project, string User, string Type);

// Allocations, by Placement's rules of 1.28 and later: a consumer has a generation, null stands for one that is not there.
public sealed partial class FakePlacement
{
    private readonly Dictionary<Guid, FakeConsumer> _consumers = [];

    /// <summary>Everybody who has something, the present ones.</summary>
    public IReadOnlyDictionary<Guid, FakeConsumer> Consumers
    {
        get
        {
            lock (_gate)
                return new Dictionary<Guid, FakeConsumer>(_consumers);
        }
    }

    private static FakeReply WithConsumer(string uuid, Func<Guid, FakeReply> then) =>
        Guid.TryParse(uuid, out var consumer) ? then(consumer) : FakeReply.Error(400, $"Expected an uuid but received {uuid}.");

    private FakeReply Allocations(Guid consumer)
    {
        var body = new JsonObject { ["allocations"] = Shares(consumer) };
        if (!_consumers.TryGetValue(consumer, out var known))
            return new FakeReply(200, body);
        body["consumer_generation"] = known.Generation;
        body["project_id"] = known.Project;
        body["user_id"] = known.User;
        body["consumer_type"] = known.Type;
        return new FakeReply(200, body);
    }

    private FakeReply AllocationsOf(FakeProvider provider)
    {
        var allocations = new JsonObject();
        foreach (var group in provider.Allocations.GroupBy(pair => pair.Key.Consumer))
        {
            allocations[group.Key.ToString()] = new JsonObject
            {
                ["consumer_generation"] = _consumers[group.Key].Generation,
                ["resources"] = Resources(group),
            };
        }
        return new FakeReply(200, new JsonObject { ["allocations"] = allocations, ["resource_provider_generation"] = provider.Generation });
    }

    private FakeReply SetAllocations(Guid consumer, JsonNode body, int minor)
    {
        if ((string?)body["project_id"] is not { Length: > 0 } project || (string?)body["user_id"] is not { Length: > 0 } user
            || !body.AsObject().ContainsKey("consumer_generation") || body.AsObject().ContainsKey("consumer_type") != minor >= 38)
            return FakeReply.Error(400, "JSON does not validate.");
        if ((int?)body["consumer_generation"] != _consumers.GetValueOrDefault(consumer)?.Generation)
            return FakeReply.Error(409, $"consumer generation conflict - expected {_consumers.GetValueOrDefault(consumer)?.Generation}", "placement.concurrent_update");
        var wanted = body["allocations"]!.AsObject()
            .SelectMany(pair => pair.Value!["resources"]!.AsObject().Select(one => (Provider: Guid.Parse(pair.Key), Class: one.Key, Amount: (int)one.Value!))).ToList();
        if (Refusal(consumer, wanted) is { } refusal)
            return refusal;
        var generation = _consumers.GetValueOrDefault(consumer)?.Generation ?? 0;
        Free(consumer);
        foreach (var (provider, name, amount) in wanted)
            Put(_providers[provider] with { Allocations = _providers[provider].Allocations.SetItem((consumer, name), amount) });
        if (wanted.Count > 0)
            _consumers[consumer] = new FakeConsumer(generation + 1, project, user, (string?)body["consumer_type"] ?? "unknown");
        return new FakeReply(204);
    }

    private FakeReply? Refusal(Guid consumer, IEnumerable<(Guid Provider, string Class, int Amount)> wanted)
    {
        foreach (var (uuid, name, amount) in wanted)
        {
            if (!_providers.TryGetValue(uuid, out var provider))
                return FakeReply.Error(400, $"Allocation for resource provider '{uuid}' that does not exist.");
            if (!provider.Inventories.TryGetValue(name, out var inventory))
                return FakeReply.Error(409, $"Unable to allocate inventory: Inventory for '{name}' on resource provider '{uuid}' invalid.");
            var own = provider.Allocations.GetValueOrDefault((consumer, name));
            if (amount < inventory.MinUnit || amount > inventory.MaxUnit || amount > provider.Free(name) + own)
                return FakeReply.Error(409, $"Unable to allocate inventory: Unable to create allocation for '{name}' on resource provider '{uuid}'. The requested amount would exceed the capacity.");
        }
        return null;
    }

    private FakeReply DeleteAllocations(Guid consumer)
    {
        if (!_consumers.ContainsKey(consumer))
            return FakeReply.Error(404, $"No allocations for consumer '{consumer}'");
        Free(consumer);
        return new FakeReply(204);
    }

    private JsonObject Shares(Guid consumer) => new(
        from provider in _providers.Values
        let own = provider.Allocations.Where(pair => pair.Key.Consumer == consumer).ToList()
        where own.Count > 0
        select KeyValuePair.Create(provider.Uuid.ToString(), (JsonNode?)new JsonObject { ["generation"] = provider.Generation, ["resources"] = Resources(own) }));

    private static JsonObject Resources(IEnumerable<KeyValuePair<(Guid Consumer, string Class), int>> own) =>
        new(own.Select(pair => KeyValuePair.Create(pair.Key.Class, (JsonNode?)JsonValue.Create(pair.Value))));
}
