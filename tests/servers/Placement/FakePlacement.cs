using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Cyborg.TestServers;

/// <summary>An answer of a <see cref="FakePlacement"/>.</summary>
/// <param name="Status">Its HTTP status.</param>
/// <param name="Body">Its body; null for none.</param>
public sealed record FakeReply(int Status, JsonNode? Body = null)
{
    /// <summary>A refusal in the form of microversion 1.23 and later.</summary>
    public static FakeReply Error(int status, string detail, string code = "placement.undefined_code") => new(
        status,
        new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["status"] = status, ["title"] = "Error", ["detail"] = detail, ["code"] = code }) });
}

/// <summary>The part of Placement that a service with providers of its own uses, with its real rules of generations, trees, allocations and error codes
/// (placement/handlers, as of 8.0). It knows no HTTP: <see cref="WireMockPlacement"/> serves it on a port. Safe for many threads.</summary>
public sealed partial class FakePlacement
{
    private static readonly string[] StandardTraits =
        ["OWNER_CYBORG", "OWNER_NOVA", "COMPUTE_ACCELERATORS", "COMPUTE_NODE", "HW_CPU_X86_AVX", "HW_GPU_API_VULKAN", "HW_GPU_CUDA_COMPUTE_CAPABILITY_V7_2"];

    private static readonly string[] StandardClasses = ["VCPU", "MEMORY_MB", "DISK_GB", "FPGA", "PGPU", "VGPU"];

    private readonly Lock _gate = new();
    private readonly List<string> _journal = [];
    private ImmutableDictionary<Guid, FakeProvider> _providers = ImmutableDictionary<Guid, FakeProvider>.Empty;
    private ImmutableHashSet<string> _traits = [.. StandardTraits];
    private ImmutableHashSet<string> _classes = [.. StandardClasses];

    /// <summary>Highest microversion that it speaks, the part behind the point.</summary>
    public int MaxMicroversion { get; set; } = 39;

    /// <summary>All providers, the present ones.</summary>
    public ImmutableDictionary<Guid, FakeProvider> Providers
    {
        get
        {
            lock (_gate)
                return _providers;
        }
    }

    /// <summary>Each call that came, <c>METHOD path -> status</c>, oldest first.</summary>
    public IReadOnlyList<string> Journal
    {
        get
        {
            lock (_gate)
                return [.. _journal];
        }
    }

    /// <summary>Those of them that were to change something.</summary>
    public IEnumerable<string> Writes => Journal.Where(line => !line.StartsWith("GET ", StringComparison.Ordinal));

    /// <summary>Forgets the calls that came.</summary>
    public void ClearJournal()
    {
        lock (_gate)
            _journal.Clear();
    }

    /// <summary>The provider of a name; null if there is none.</summary>
    public FakeProvider? Named(string name) => Providers.Values.SingleOrDefault(provider => provider.Name == name);

    /// <summary>Another service or an operator makes or changes a provider; the generation rises unless it is new.</summary>
    /// <param name="provider">How it is to be.</param>
    public void Put(FakeProvider provider)
    {
        lock (_gate)
        {
            var generation = _providers.TryGetValue(provider.Uuid, out var before) ? before.Generation + 1 : provider.Generation;
            _providers = _providers.SetItem(provider.Uuid, provider with { Generation = generation });
            _traits = _traits.Union(provider.Traits);
            _classes = _classes.Union(provider.Inventories.Keys);
        }
    }

    /// <summary>Somebody deletes a provider, whatever holds it.</summary>
    public void Remove(Guid provider)
    {
        lock (_gate)
            _providers = _providers.Remove(provider);
    }

    /// <summary>The compute service makes a host's own provider.</summary>
    public Guid AddHost(string name)
    {
        var host = new FakeProvider(Guid.NewGuid(), name, null, 3)
        {
            Inventories = ImmutableSortedDictionary<string, FakeInventory>.Empty.Add("VCPU", new FakeInventory(8, 0, 8)),
            Traits = ["COMPUTE_ACCELERATORS"],
        };
        Put(host);
        return host.Uuid;
    }

    /// <summary>The scheduler gives a consumer some of a class, if there is as much.</summary>
    public bool Allocate(Guid consumer, Guid provider, string resourceClass, int amount)
    {
        lock (_gate)
        {
            if (!_providers.TryGetValue(provider, out var found) || found.Free(resourceClass) < amount)
                return false;
            Put(found with { Allocations = found.Allocations.SetItem((consumer, resourceClass), amount) });
            _consumers.TryAdd(consumer, new FakeConsumer(1, "", "", "INSTANCE"));
            return true;
        }
    }

    /// <summary>A consumer gives everything back.</summary>
    public void Free(Guid consumer)
    {
        lock (_gate)
        {
            foreach (var provider in _providers.Values.Where(provider => provider.Allocations.Keys.Any(key => key.Consumer == consumer)))
                Put(provider with { Allocations = provider.Allocations.RemoveRange(provider.Allocations.Keys.Where(key => key.Consumer == consumer)) });
            _consumers.Remove(consumer);
        }
    }

    /// <summary>Makes a custom trait unknown, as nobody can in use.</summary>
    public void ForgetTrait(string name)
    {
        lock (_gate)
            _traits = _traits.Remove(name);
    }

    /// <summary>Answers a request.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="target">Its path and query, escaped.</param>
    /// <param name="body">Its body; null for none.</param>
    /// <param name="version">Its header OpenStack-API-Version; null if absent.</param>
    public FakeReply Handle(string method, string target, byte[]? body, string? version)
    {
        lock (_gate)
        {
            var reply = Judge(method, target, body, version);
            _journal.Add($"{method} {target} -> {reply.Status}");
            return reply;
        }
    }

    private FakeReply Judge(string method, string target, byte[]? body, string? version)
    {
        var minor = version is null ? 0
            : Version().Match(version) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : -1;
        if (minor < 0 || minor > MaxMicroversion)
            return FakeReply.Error(406, $"Unacceptable version header: {version}");
        var uri = new Uri("http://placement" + target);
        var path = uri.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString).ToArray();
        var query = System.Web.HttpUtility.ParseQueryString(uri.Query);
        var json = body is null ? null : JsonNode.Parse(body);
        return (method, path) switch
        {
            ("GET", ["resource_providers"]) => List(query["name"], query["in_tree"]),
            ("POST", ["resource_providers"]) => minor < 20 ? TooOld() : Create(json!),
            ("GET", ["resource_providers", var uuid]) => With(uuid, provider => new FakeReply(200, ToJson(provider))),
            ("PUT", ["resource_providers", var uuid]) => With(uuid, provider => Place(provider, json!, minor >= 37)),
            ("DELETE", ["resource_providers", var uuid]) => With(uuid, Delete),
            ("GET", ["resource_providers", var uuid, "inventories"]) => With(uuid, InventoriesOf),
            ("PUT", ["resource_providers", var uuid, "inventories"]) => With(uuid, provider => SetInventories(provider, json!, minor)),
            ("GET", ["resource_providers", var uuid, "traits"]) => With(uuid, TraitsOf),
            ("PUT", ["resource_providers", var uuid, "traits"]) => With(uuid, provider => SetTraits(provider, json!)),
            ("GET", ["resource_providers", var uuid, "allocations"]) => With(uuid, AllocationsOf),
            ("GET", ["allocations", var uuid]) => WithConsumer(uuid, Allocations),
            ("PUT", ["allocations", var uuid]) => minor < 28 ? TooOld() : WithConsumer(uuid, consumer => SetAllocations(consumer, json!, minor)),
            ("DELETE", ["allocations", var uuid]) => WithConsumer(uuid, DeleteAllocations),
            ("GET", ["traits"]) => KnownTraits(query["name"]),
            ("PUT", ["traits", var name]) => Ensure(ref _traits, name, StandardTraits),
            ("PUT", ["resource_classes", var name]) => Ensure(ref _classes, name, StandardClasses),
            _ => FakeReply.Error(404, "The resource could not be found."),
        };
    }

    private static FakeReply TooOld() => FakeReply.Error(400, "This test server does not speak so old a version.");

    private FakeReply With(string uuid, Func<FakeProvider, FakeReply> then) =>
        Guid.TryParse(uuid, out var id) && _providers.TryGetValue(id, out var provider)
            ? then(provider)
            : FakeReply.Error(404, $"No resource provider with uuid {uuid} found", "placement.resource_provider.not_found");

    private FakeReply List(string? name, string? member)
    {
        IEnumerable<FakeProvider> found = _providers.Values;
        if (name is not null)
            found = found.Where(provider => provider.Name == name);
        if (member is not null)
            found = Guid.TryParse(member, out var id) && _providers.TryGetValue(id, out var one) ? found.Where(provider => RootOf(provider) == RootOf(one)) : [];
        return new FakeReply(200, new JsonObject { ["resource_providers"] = new JsonArray([.. found.OrderBy(provider => provider.Uuid).Select(ToJson)]) });
    }

    private FakeReply Create(JsonNode body)
    {
        var (uuid, name) = ((Guid)body["uuid"]!, (string)body["name"]!);
        var parent = (Guid?)body["parent_provider_uuid"];
        if (parent is { } wanted && !_providers.ContainsKey(wanted))
            return FakeReply.Error(400, "parent provider UUID does not exist.");
        if (_providers.ContainsKey(uuid) || Taken(name))
            return FakeReply.Error(409, $"Conflicting resource provider name: {name} already exists.", "placement.duplicate_name");
        _providers = _providers.Add(uuid, new FakeProvider(uuid, name, parent, 0));
        return new FakeReply(200, ToJson(_providers[uuid]));
    }

    private FakeReply Place(FakeProvider provider, JsonNode body, bool mayMove)
    {
        var (name, parent) = ((string)body["name"]!, (Guid?)body["parent_provider_uuid"]);
        if (name != provider.Name && Taken(name))
            return FakeReply.Error(409, $"Conflicting resource provider {name} already exists.", "placement.duplicate_name");
        if (parent is { } wanted && !_providers.ContainsKey(wanted))
            return FakeReply.Error(400, "parent provider UUID does not exist.");
        if (parent != provider.Parent && provider.Parent is not null && !mayMove)
            return FakeReply.Error(400, "re-parenting a provider is not currently allowed.");
        for (var at = parent; at is { } up; at = _providers[up].Parent)
        {
            if (up == provider.Uuid)
                return FakeReply.Error(400, "creating loop in the provider tree is not allowed.");
        }
        _providers = _providers.SetItem(provider.Uuid, provider with { Name = name, Parent = parent });
        return new FakeReply(200, ToJson(_providers[provider.Uuid]));
    }

    private FakeReply Delete(FakeProvider provider)
    {
        if (_providers.Values.Any(child => child.Parent == provider.Uuid))
            return FakeReply.Error(409, "It has child resource providers.", "placement.resource_provider.cannot_delete_parent");
        if (!provider.Allocations.IsEmpty)
            return FakeReply.Error(409, "Resource provider has allocations.", "placement.resource_provider.inuse");
        _providers = _providers.Remove(provider.Uuid);
        return new FakeReply(204);
    }

    private static FakeReply InventoriesOf(FakeProvider provider) => new(200, new JsonObject
    {
        ["resource_provider_generation"] = provider.Generation,
        ["inventories"] = new JsonObject(provider.Inventories.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value.ToJson()))),
    });

    private FakeReply SetInventories(FakeProvider provider, JsonNode body, int minor)
    {
        if ((int)body["resource_provider_generation"]! != provider.Generation)
            return FakeReply.Error(409, "resource provider generation conflict", "placement.concurrent_update");
        var wanted = body["inventories"]!.AsObject().ToImmutableSortedDictionary(pair => pair.Key, pair => FakeInventory.Read(pair.Value!));
        if (wanted.Values.Any(one => one.Total < 1 || one.Reserved > one.Total || (one.Reserved == one.Total && minor < 26) || one.MaxUnit < 1))
            return FakeReply.Error(400, "Invalid inventory");
        if (wanted.Keys.FirstOrDefault(name => !_classes.Contains(name)) is { } unknown)
            return FakeReply.Error(400, $"Unknown resource class in inventory: {unknown}");
        if (provider.Allocations.Keys.FirstOrDefault(key => !wanted.ContainsKey(key.Class)) is { Class: not null } used)
            return FakeReply.Error(409, $"update conflict: Inventory for {used.Class} in use.", "placement.inventory.inuse");
        _providers = _providers.SetItem(provider.Uuid, provider with { Inventories = wanted, Generation = provider.Generation + 1 });
        return InventoriesOf(_providers[provider.Uuid]);
    }

    private static FakeReply TraitsOf(FakeProvider provider) => new(200, new JsonObject
    {
        ["resource_provider_generation"] = provider.Generation,
        ["traits"] = new JsonArray([.. provider.Traits.Select(name => (JsonNode)name)]),
    });

    private FakeReply SetTraits(FakeProvider provider, JsonNode body)
    {
        if ((int)body["resource_provider_generation"]! != provider.Generation)
            return FakeReply.Error(409, "Resource provider's generation already changed.", "placement.concurrent_update");
        ImmutableSortedSet<string> wanted = [.. body["traits"]!.AsArray().Select(name => (string)name!)];
        if (wanted.FirstOrDefault(name => !_traits.Contains(name)) is { } unknown)
            return FakeReply.Error(400, $"No such trait {unknown}");
        if (!wanted.SetEquals(provider.Traits))
            _providers = _providers.SetItem(provider.Uuid, provider with { Traits = wanted, Generation = provider.Generation + 1 });
        return TraitsOf(_providers[provider.Uuid]);
    }

    private FakeReply KnownTraits(string? filter)
    {
        var names = filter?["in:".Length..].Split(',') ?? [.. _traits];
        return new FakeReply(200, new JsonObject { ["traits"] = new JsonArray([.. names.Where(_traits.Contains).Select(name => (JsonNode)name)]) });
    }

    private static FakeReply Ensure(ref ImmutableHashSet<string> known, string name, string[] standard)
    {
        if (standard.Contains(name) || !Custom().IsMatch(name))
            return FakeReply.Error(400, $"The name {name} is not a custom one.");
        var isNew = !known.Contains(name);
        known = known.Add(name);
        return new FakeReply(isNew ? 201 : 204);
    }

    private bool Taken(string name) => _providers.Values.Any(provider => provider.Name == name);

    private Guid RootOf(FakeProvider provider)
    {
        while (provider.Parent is { } parent && _providers.TryGetValue(parent, out var up))
            provider = up;
        return provider.Uuid;
    }

    private JsonNode ToJson(FakeProvider provider) => new JsonObject
    {
        ["uuid"] = provider.Uuid,
        ["name"] = provider.Name,
        ["generation"] = provider.Generation,
        ["parent_provider_uuid"] = provider.Parent,
        ["root_provider_uuid"] = RootOf(provider),
        ["links"] = new JsonArray(),
    };

    [GeneratedRegex(@"\Aplacement 1\.(\d{1,3})\z")]
    private static partial Regex Version();

    [GeneratedRegex(@"\ACUSTOM_[A-Z0-9_]{1,248}\z")]
    private static partial Regex Custom();
}
