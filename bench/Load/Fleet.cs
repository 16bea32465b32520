using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Bench;

/// <summary>Thousands of agents on a few connections, with the real contracts on the real bus: they report their hosts' devices, install them, and give signs
/// of life.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private static readonly ParallelOptions AFewAtOnce = new() { MaxDegreeOfParallelism = 32 };

    private readonly IReadOnlyList<(IBusTransport Transport, BusClient Client)> _connections;
    private readonly List<Agent> _agents = [];

    private Fleet(IReadOnlyList<(IBusTransport, BusClient)> connections) => _connections = connections;

    /// <summary>Agents so far.</summary>
    public int Count => _agents.Count;

    public static async Task<Fleet> ConnectAsync(string url, int connections)
    {
        var made = new List<(IBusTransport, BusClient)>();
        for (var n = 0; n < connections; n++)
        {
            var transport = await BusTransports.OpenAsync(url, new NatsSettings { Role = "bench" }, NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
            made.Add((transport, new BusClient(transport, new BusOptions(), NullLoggerFactory.Instance, TimeProvider.System)));
        }
        return new Fleet(made);
    }

    /// <summary>More hosts, each with so many cards of so many handles; all are reported, and installed unless it is said otherwise, when this ends.</summary>
    public async Task GrowAsync(int hosts, int cards, int handles, bool installed = true)
    {
        if (hosts <= 0)
            return;
        List<Agent> more = [.. Enumerable.Range(_agents.Count, hosts).Select(n => new Agent(n, cards, handles, installed))];
        _agents.AddRange(more);
        await Parallel.ForEachAsync(more, AFewAtOnce, async (agent, _) => await ReportAsync(agent));
    }

    /// <summary>One host finds one more card. Milliseconds until the conductor has it.</summary>
    public async Task<double> AddCardAsync(int host)
    {
        var agent = _agents[host];
        agent.Cards++;
        var began = TimeProvider.System.GetTimestamp();
        await ReportAsync(agent, install: false);
        return TimeProvider.System.GetElapsedTime(began).TotalMilliseconds;
    }

    /// <summary>The last card of a host is gone.</summary>
    public async Task RemoveCardAsync(int host)
    {
        _agents[host].Cards--;
        await ReportAsync(_agents[host], install: false);
    }

    /// <summary>One sign of life of every agent, spread over some time.</summary>
    public async Task BeatAsync(TimeSpan over)
    {
        var beats = new List<Task>(_agents.Count);
        var began = TimeProvider.System.GetTimestamp();
        foreach (var agent in _agents)
        {
            beats.Add(CallAsync(agent, Verbs.Heartbeat, new Heartbeat(agent.Identity, agent.Checksum, 0)));
            var due = over * beats.Count / _agents.Count;
            if (due - TimeProvider.System.GetElapsedTime(began) is { TotalMilliseconds: > 1 } early)
                await Task.Delay(early);
        }
        await Task.WhenAll(beats);
    }

    /// <summary>A card's only deployable.</summary>
    public static Guid Provider(int host, int card) => ProviderIdentity.Uuid(Agent.CardName(host, card));

    public async ValueTask DisposeAsync()
    {
        foreach (var (transport, client) in _connections)
        {
            await client.DisposeAsync();
            await transport.DisposeAsync();
        }
    }

    private async Task ReportAsync(Agent agent, bool install = true)
    {
        var found = agent.Found();
        agent.Checksum = InventoryChecksum.Of(found);
        var reply = await CallAsync(agent, Verbs.ReportInventory, new ReportInventory(agent.Identity, found, agent.Installed, agent.Checksum, Epoch: 0));
        if (!install)
            return;
        foreach (var device in reply.Install)
            await CallAsync(agent, Verbs.ReportInstall, new ReportInstall(device.DeviceUuid, null));
    }

    private Task<TReply> CallAsync<TRequest, TReply>(Agent agent, Verb<TRequest, TReply> verb, TRequest request) =>
        _connections[agent.Number % _connections.Count].Client.CallAsync(verb, request, new CallContext { RequestId = "bench" }, agent.Host);

    private sealed class Agent(int number, int cards, int handles, bool installed)
    {
        public bool Installed => installed;
        public int Number => number;
        public string Host => $"bench-{number}";
        public int Cards { get; set; } = cards;
        public string Checksum { get; set; } = "";
        public AgentIdentity Identity { get; } = new(Guid.NewGuid(), Guid.NewGuid(), 1);

        public static string CardName(int host, int card) => $"bench-{host}_card-{card}";

        public DriverDiscovery[] Found() => [new DriverDiscovery("bench_driver", [.. Enumerable.Range(0, Cards).Select(Card)])];

        private DriverDevice Card(int card) => new()
        {
            Vendor = "10de",
            Model = "bench card",
            Type = DeviceType.GPU,
            StdBoardInfo = """{"product_id": "1eb8", "controller": "3D controller"}""",
            ControlPath = new DriverControlPath("PCI", $$"""{"bus": "{{card:x2}}", "device": "00", "domain": "0000", "function": "0"}"""),
            Deployables =
            [
                new DriverDeployable
                {
                    Name = CardName(number, card),
                    NumAccelerators = handles,
                    DriverName = "bench_driver",
                    Attributes = [new("rc", "PGPU"), new("trait0", "CUSTOM_GPU_BENCH"), new("trait1", "CUSTOM_GPU_PRODUCT_ID_1EB8")],
                    AttachHandles = [.. Enumerable.Range(0, handles).Select(n => new DriverAttachHandle(
                        AttachHandleType.PCI, $$"""{"bus": "{{card:x2}}", "device": "{{n:x2}}", "domain": "0000", "function": "0"}"""))],
                },
            ],
        };
    }
}
