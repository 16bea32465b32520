using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Cyborg.Agent;
using Cyborg.Api;
using Cyborg.Conductor;
using Cyborg.Hosting;
using Cyborg.Messaging;
using Cyborg.TestServers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Standalone.Tests;

/// <summary>An accelerator as the walk knows it.</summary>
/// <param name="Uuid">Its uuid.</param>
/// <param name="Name">Its name.</param>
/// <param name="Stays">False if the walk has created it, and may take it away.</param>
internal sealed record KnownAccelerator(Guid Uuid, string Name, bool Stays);

/// <summary>Cyborg's rooms in this process on one bus, as between processes: an API, conductors, and the agent of one host with two fake cards and a backend
/// that creates accelerators; a Placement that the agent writes to and the conductors claim in; and a Nova that attaches accelerators to running servers.</summary>
internal sealed class MixedCloud : IAsyncDisposable
{
    public const string Host = "walk";
    public const string Profile = "walk";
    public const string ResourceClass = "FPGA";
    public const int Cards = 2;
    public const int HandlesPerCard = 4;

    private readonly string _folder = Directory.CreateTempSubdirectory("cyborg-mixed-").FullName;
    private readonly WireMockKeystone _keystone = WireMockKeystone.Start();
    private readonly WireMockPlacement _placement = WireMockPlacement.Start();
    private readonly List<ConductorRoom> _conductors = [];
    private AgentRoom? _agent;
    private WebApplication? _api;

    private MixedCloud(TestDatabase database, FakeNova nova) => (Database, Nova) = (database, nova);

    public TestDatabase Database { get; }

    public FakeNova Nova { get; }

    public FakePlacement Placement => _placement.State;

    /// <summary>The pretended hardware: a file for each attached handle, with the ARQ's uuid in it.</summary>
    public string Hardware => Directory.CreateDirectory(Path.Combine(_folder, "hardware")).FullName;

    public HttpClient Http { get; } = new(new SocketsHttpHandler { UseCookies = false });

    /// <summary>True if a provider that has room in Placement has a free handle, too; false where a handle that was given back keeps its host busy for a while.</summary>
    public bool HandlesFollowPlacement { get; private init; }

    /// <summary>Those that were seen, by uuid.</summary>
    public ConcurrentDictionary<Guid, KnownAccelerator> Accelerators { get; } = new();

    /// <summary>Providers of the cards, which stay.</summary>
    public IReadOnlyList<Guid> Providers { get; private set; } = [];

    /// <summary>Starts everything, and waits until the cards are there for everybody.</summary>
    /// <param name="kind">Of the database.</param>
    /// <param name="conductorCount">How many conductors.</param>
    /// <param name="hostWork">True if each handle of the cards needs work on the host.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<MixedCloud> StartAsync(DatabaseKind kind, int conductorCount, bool hostWork, CancellationToken stop)
    {
        var cloud = new MixedCloud(await TestDatabase.CreateAsync(kind, cancellation: stop), await FakeNova.StartNewAsync()) { HandlesFollowPlacement = !hostWork };
        try
        {
            await cloud.StartAsync(conductorCount, hostWork, stop);
            return cloud;
        }
        catch
        {
            await cloud.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_api is not null)
            await _api.DisposeAsync();
        if (_agent is not null)
            await _agent.DisposeAsync();
        foreach (var conductor in _conductors)
            await conductor.DisposeAsync();
        await Nova.DisposeAsync();
        await _placement.DisposeAsync();
        await _keystone.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync(int conductorCount, bool hostWork, CancellationToken stop)
    {
        _keystone.AddService("placement", _placement.Url);
        Placement.AddHost(Host);
        var config = CyborgConfig.Parse([new ConfigSource("cyborg.conf", Configuration(hostWork))], StandaloneRoom.Options)
            .With(SharedOptions.ConnectionOption, Database.Url);
        var bus = new InProcessBus();
        for (var n = 0; n < conductorCount; n++)
        {
            _conductors.Add(ConductorRoom.Build(config, bus.Connect(), NullLoggerFactory.Instance, TimeProvider.System));
            await _conductors[^1].StartAsync(stop);
        }
        _agent = AgentRoom.Build(config, bus.Connect(), NullLoggerFactory.Instance, TimeProvider.System);
        await _agent.StartAsync(stop);
        await _agent.FirstReport.WaitAsync(TimeSpan.FromMinutes(3), stop);
        _api = ApiRoom.Build(config, bus.Connect(), NullLoggerFactory.Instance);
        await _api.StartAsync(stop);
        Http.BaseAddress = new Uri(_api.Urls.Single());
        await LookAsync(new MixedClient(this, MixedClient.Administrator), stop);
    }

    private async Task LookAsync(MixedClient admin, CancellationToken stop)
    {
        var profile = new JsonArray(new JsonObject { ["name"] = Profile, ["groups"] = new JsonArray(new JsonObject { [$"resources:{ResourceClass}"] = "1" }) });
        await admin.MustAsync(HttpMethod.Post, "/v2/device_profiles", profile, 201, stop);
        var patience = DateTimeOffset.UtcNow + TimeSpan.FromMinutes(3);
        while (true)
        {
            var cards = (await admin.MustAsync(HttpMethod.Get, "/v1/accelerators", null, 200, stop))!["accelerator"]!.AsArray();
            Providers = [.. cards.Select(card => (Guid?)card!["resource_provider_uuid"]).OfType<Guid>()];
            if (cards.Count == Cards && Providers.All(uuid => Placement.Providers.TryGetValue(uuid, out var shown) && shown.Free(ResourceClass) == HandlesPerCard))
            {
                foreach (var card in cards)
                    Accelerators[(Guid)card!["uuid"]!] = new KnownAccelerator((Guid)card["uuid"]!, (string)card["name"]!, Stays: true);
                return;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50), stop);
            Assert.True(DateTimeOffset.UtcNow < patience, $"the cards are not there: {cards.ToJsonString()} {string.Join(", ", Placement.Providers.Values)}");
        }
    }

    private string Configuration(bool hostWork) => $"""
        [DEFAULT]
        host = {Host}
        state_path = {_folder}
        [api]
        auth_strategy = noauth
        host_ip = 127.0.0.1
        port = 0
        [agent]
        enabled_drivers = fake_driver, generic_driver
        heartbeat_interval = 1
        [generic]
        enabled_backends = static
        [fake]
        devices = {Cards}
        handles = {HandlesPerCard}
        host_work = {hostWork}
        attach_path = {Hardware}
        [devices]
        initial_state = ready
        [conductor]
        save_interval = 0.2
        [nova]
        auth_type = none
        endpoint_override = {Nova.Endpoint}
        orphan_check_interval = 0
        {_keystone.Section("placement")}
        """;
}
